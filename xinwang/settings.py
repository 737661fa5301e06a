"""Settings: Django's, from a checked Environment. Reading this module changes nothing.

docs/settings.md lists what an operator may set and why.
"""

from typing import Any

from csp.constants import NONE, SELF

from xinwang import env

ENV = env.read()
BASE_DIR = env.BASE_DIR
HTTPS = ENV.site_url.startswith("https://")

# -- who we are ----------------------------------------------------------------------------------
SITE_URL = ENV.site_url
SITE_NAME = ENV.site_name
SITE_DESCRIPTION = ENV.site_description
COPYRIGHT_SINCE = ENV.copyright_since

# -- the process ---------------------------------------------------------------------------------
DEBUG = ENV.debug
SECRET_KEY = ENV.secret_key or "not-a-secret: only commands that need no database run on this"
ALLOWED_HOSTS = ENV.allowed_hosts
ROOT_URLCONF = "xinwang.urls"
WSGI_APPLICATION = "xinwang.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "csp",
    "articles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "articles.middleware.device",
    "articles.middleware.traditional",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["django.templatetags.static", "articles.templatetags.xinwang"],
        },
    },
]

# -- the database --------------------------------------------------------------------------------
_DATABASE: dict[str, Any] = {"ENGINE": "django.db.backends.postgresql", **(ENV.database or {})}
# What pages ask takes milliseconds: compiling it, or starting helpers for it, takes longer.
_FOR_SHORT_QUERIES = "-c jit=off -c max_parallel_workers_per_gather=0"
DATABASES = {
    "default": {
        **_DATABASE,
        "OPTIONS": {
            **_DATABASE.get("OPTIONS", {}),
            "options": " ".join(
                [_DATABASE.get("OPTIONS", {}).get("options", ""), _FOR_SHORT_QUERIES]
            ).strip(),
        },
        # Connecting anew for each request halves what a page costs (docs/performance.md).
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- language and time ---------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [
    ("zh-hans", "简体中文"),
    ("zh-hant", "繁體中文"),
]  # the second has a prefix in addresses
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# -- files ---------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = ENV.var_dir / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = ENV.var_dir / "media"
STORAGES = {
    # Renditions: public, immutable, named by content.
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"allow_overwrite": True},  # a name stands for one content
    },
    # Originals: as uploaded, with whatever a camera wrote into them; never served.
    "originals": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": ENV.var_dir / "originals",
            "base_url": None,
            "allow_overwrite": True,
        },
    },
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}

# -- reads ---------------------------------------------------------------------------------------
# How long counted reads wait before they show in numbers and rankings.
READS_ROLL_UP_SECONDS = 5

# -- security ------------------------------------------------------------------------------------
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked from inside, without TLS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
BEHIND_PROXY = ENV.behind_proxy
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "articles.views.errors.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": ENV.log_level},
}
