"""Settings: Django's, from a checked Environment. Reading this module changes nothing.

docs/settings.md lists what an operator may set and why.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import django
from csp.constants import NONCE, NONE, SELF

from articles.seeing import logs
from xinwang import env

ENV = env.read()
BASE_DIR = env.BASE_DIR
HTTPS = ENV.site_url.startswith("https://")

# -- who we are ----------------------------------------------------------------------------------
SITE_URL = ENV.site_url
SITE_NAME = ENV.site_name
SITE_DESCRIPTION = ENV.site_description
COPYRIGHT_SINCE = ENV.copyright_since
CARD_FONT = ENV.card_font
SECURITY_CONTACT = ENV.security_contact

# -- the process ---------------------------------------------------------------------------------
DEBUG = ENV.debug
SECRET_KEY = ENV.secret_key or "not-a-secret: only commands that need no database run on this"
ALLOWED_HOSTS = ENV.allowed_hosts
ROOT_URLCONF = "xinwang.urls"
WSGI_APPLICATION = "xinwang.wsgi.application"
# What this process answers: `public` has no desk and knows no login; `editorial` answers to editors
# alone; `all` is both.
SERVE = ENV.serve
HAS_DESK = SERVE != "public"

INSTALLED_APPS = [
    *(["articles.apps.DeskConfig"] if HAS_DESK else []),
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "csp",
    "django_prose_editor",
    "reversion",
    "adminsortable2",
    "articles",
    *(["articles.apps.LoginsConfig"] if HAS_DESK else []),
]

MIDDLEWARE = [
    "articles.middleware.guarded",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "articles.middleware.device",
    "articles.middleware.traditional",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
if HAS_DESK:
    MIDDLEWARE += [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "axes.middleware.AxesMiddleware",  # turns a refused login into the page that says so
    ]
if SERVE == "editorial":
    MIDDLEWARE += ["articles.middleware.editors_alone"]

_LOADERS: list[Any] = [
    "xinwang.templates.Loader",
    "django.template.loaders.app_directories.Loader",
]
if not DEBUG:
    _LOADERS = [("django.template.loaders.cached.Loader", _LOADERS)]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": _LOADERS,
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": [
                "django.templatetags.cache",
                "django.templatetags.static",
                "articles.templatetags.xinwang",
            ],
        },
    },
]

# -- the database --------------------------------------------------------------------------------
# What pages ask takes milliseconds: compiling it, or starting helpers for it, takes longer.
_FOR_SHORT_QUERIES = "-c jit=off -c max_parallel_workers_per_gather=0"
# A server that doesn't answer, or a line that has died, is found out within seconds. How long a
# statement may take in what answers readers: articles/patience.py, by xinwang.wsgi.
_NOTICE_SILENCE = {
    "connect_timeout": 3,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def _server(address: Any) -> dict[str, Any]:
    """One of the database's servers, by what DATABASE_URL or REPLICA_URLS says of it."""
    options = (address or {}).get("OPTIONS", {})
    return {
        "ENGINE": "django.db.backends.postgresql",
        **(address or {}),
        "OPTIONS": {
            **_NOTICE_SILENCE,
            **options,
            "options": " ".join([options.get("options", ""), _FOR_SHORT_QUERIES]).strip(),
        },
        # Connecting anew for each request halves what a page costs (docs/performance.md).
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


# Its streaming replicas, which readers' pages are read from (docs/scaling.md).
_REPLICAS = {f"replica{n}": _server(each) for n, each in enumerate(ENV.replicas, start=1)}
DATABASES = {"default": _server(ENV.database), **_REPLICAS}
REPLICAS = list(_REPLICAS)
REPLICA_LAG_SECONDS = ENV.replica_lag_seconds
DATABASE_ROUTERS = ["articles.reading.Router"] if REPLICAS else []
# Where the embedded server's programs are: backups need pg_dump and pg_restore.
POSTGRES_PROGRAMS = "xinwang.embedded.programs"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- language and time ---------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LOCALE_PATHS = [BASE_DIR / "locale"]  # what django-prose-editor and axes lack in Chinese
LANGUAGES = [
    ("zh-hans", "简体中文"),
    ("zh-hant", "繁體中文"),
]  # the second has a prefix in addresses (articles.middleware.traditional)
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# -- files ---------------------------------------------------------------------------------------
STATIC_URL = "/static/"
# SQLite for browsers, which `make search` installs: what a frozen site is searched by (ADR 0034).
SEARCH_ENGINE = BASE_DIR / "deploy/search/node_modules/@sqlite.org/sqlite-wasm/dist"
STATIC_ROOT = ENV.var_dir / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    # The desk's, too, where there is none: processes that share a folder collect the same into it.
    *([] if HAS_DESK else [Path(django.__file__).parent / "contrib/admin/static"]),
]
MEDIA_URL = ENV.media_address  # a site of its own, or an address of this one
MEDIA_ROOT = ENV.var_dir / "media"
_FILES = {
    # Renditions: public, immutable, named by content.
    "default": {
        "BACKEND": "articles.storage.WholeFiles",
        "OPTIONS": {"allow_overwrite": True},  # a name stands for one content
    },
    # Originals: as uploaded, with whatever a camera wrote into them; never served.
    "originals": {
        "BACKEND": "articles.storage.WholeFiles",
        "OPTIONS": {
            "location": ENV.var_dir / "originals",
            "base_url": None,
            "allow_overwrite": True,
        },
    },
}
# The same in two buckets, for sites on several hosts (docs/scaling.md).
_BUCKETS = {
    "endpoint_url": ENV.s3_endpoint or None,
    "region_name": ENV.s3_region or None,
    # Without them boto3 looks where it always does: the machine's own role, say.
    "access_key": ENV.s3_access_key or None,
    "secret_key": ENV.s3_secret_key or None,
    "default_acl": None,  # who may read is the bucket's to say
    "file_overwrite": True,
    "addressing_style": ENV.s3_addressing,
}
_OBJECTS = {
    "default": {
        "BACKEND": "articles.objects.PublicObjects",
        "OPTIONS": {
            **_BUCKETS,
            "bucket_name": ENV.s3_bucket,
            "object_parameters": {"CacheControl": "public, max-age=31536000, immutable"},
        },
    },
    "originals": {
        "BACKEND": "articles.objects.Objects",
        "OPTIONS": {**_BUCKETS, "bucket_name": ENV.s3_originals_bucket},
    },
}
STORAGES: dict[str, dict[str, Any]] = {
    **(_OBJECTS if ENV.media_storage == "s3" else _FILES),
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "xinwang.staticfiles.BundledStaticFilesStorage"
        )
    },
}

# An upload stops touching the disk where no photo can be so large. What is refused, and why:
# articles/renditions/decoding.py.
FILE_UPLOAD_HANDLERS = [
    "articles.renditions.upload.NoMoreThanAPhoto",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_NUMBER_FILES = 50

# -- finished pages --------------------------------------------------------------------------------
# A process's memory for them, and for the parts that pages share (they are few and small).
PAGE_CACHE_BYTES = ENV.page_cache_megabytes * 2**20
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# -- reads ---------------------------------------------------------------------------------------
# How long counted reads wait before they show in numbers and rankings.
READS_ROLL_UP_SECONDS = 5
# How often at most finished pages are made anew for the sake of numbers of reads and rankings.
READS_SHOWN_SECONDS = 60

# -- logins --------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    # Asked first: it refuses who has guessed too often.
    *(["axes.backends.AxesStandaloneBackend"] if HAS_DESK else []),
    "django.contrib.auth.backends.ModelBackend",
]
# One login from one address: nobody can lock out a colleague from elsewhere, nor a whole newsroom.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True  # who came when is kept of nobody; Django keeps the last login
AXES_ENABLE_ADMIN = False  # ours is in articles/admin/accounts.py
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "admin/locked.html"
AXES_CLIENT_IP_CALLABLE = "articles.admin.accounts.client_address"
# A working day; ends with the browser, for newsrooms share machines.
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# -- security ------------------------------------------------------------------------------------
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(?:healthz|readyz|metrics)$"]  # asked from inside, without TLS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
BEHIND_PROXY = ENV.behind_proxy
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
# The scripts of the desk read the CSRF cookie (static/desk/token.js); no other script runs there.
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
WHITENOISE_ALLOW_ALL_ORIGINS = False  # nobody's scripts need to read our files
CSRF_FAILURE_VIEW = "articles.views.errors.csrf_failure"
_PICTURES = [ENV.media_address[: ENV.media_address.index("/", 8)]] if "://" in MEDIA_URL else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        # The nonce is named only by pages that ask for one: the desk's, for its import map.
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, *_PICTURES],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# -- seeing ----------------------------------------------------------------------------------------
LOGGING = logs.configuration(ENV.log_format, ENV.log_level)
SLOW_QUERY_MILLISECONDS = ENV.slow_query_milliseconds
METRICS_TOKEN = ENV.metrics_token
