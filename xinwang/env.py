"""What the environment may say, typed and checked once, before Django starts.

Values come from the process environment, then from a `.env` file beside manage.py. Anything wrong
is reported all at once, in Chinese, naming the variable, what it should be and what it is.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from dj_database_url import DBConfig
from environs import Env, EnvValidationError
from marshmallow import ValidationError

BASE_DIR = Path(__file__).resolve().parent.parent

# PostgreSQL URL schemes that dj-database-url maps to Django's own backend.
POSTGRES_SCHEMES = ("postgres", "postgresql", "pgsql")


class ConfigurationError(Exception):
    """The environment can't be used as it is; the text says why, a line a variable."""


@dataclass(frozen=True)
class Environment:
    """Every setting that an operator may give (docs/settings.md explains each)."""

    database: DBConfig | None
    replicas: list[DBConfig]
    replica_lag_seconds: int
    secret_key: str
    debug: bool
    demo: bool
    serve: str
    host: str
    port: int
    web_concurrency: int
    site_url: str
    site_name: str
    site_description: str
    copyright_since: int
    card_font: str
    security_contact: str
    allowed_hosts: list[str]
    behind_proxy: bool
    var_dir: Path
    media_storage: str
    media_address: str
    s3_bucket: str
    s3_originals_bucket: str
    s3_endpoint: str
    s3_region: str
    s3_addressing: str
    s3_access_key: str
    s3_secret_key: str
    page_cache_megabytes: int
    log_level: str
    log_format: str
    slow_query_milliseconds: int
    metrics_token: str


def _postgres(url: str) -> None:
    if not url:
        return
    scheme, separator, _ = url.partition("://")
    if scheme.lower() not in POSTGRES_SCHEMES or not separator:
        raise ValidationError(
            "应以 postgresql:// 开头，例如 postgresql://user:pass@host:5432/xinwang"
        )
    try:
        database = dj_database_url.parse(url)
    except ValueError as error:
        raise ValidationError("写法不对：用户名或密码里的特殊字符要用 % 编码") from error
    if not database["NAME"] and "service" not in database.get("OPTIONS", {}):
        raise ValidationError("缺少数据库名，例如 postgresql://user:pass@host:5432/xinwang")


def _replicas(urls: list[str]) -> None:
    for url in urls:
        _postgres(url.strip())


def _site_url(url: str) -> None:
    """Scheme, host and port are all that an address of the site has."""
    try:
        parts = urlsplit(url)
        rest = parts.path.strip("/") or parts.query or parts.fragment or parts.username
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not rest
    except ValueError:  # brackets without a mate, a port that isn't one
        good = False
    if url and not good:
        raise ValidationError("应是不带路径的网址，例如 https://news.example.com")


def _media_address(url: str) -> None:
    """Where browsers fetch renditions: from this site, or from another."""
    if not re.fullmatch(r"/media/|https?://[\w.:\[\]-]+/(?:[\w./~-]*/)?", url, re.ASCII):
        raise ValidationError("应是 /media/，或以 / 结尾的网址，例如 https://img.example.com/")


def _endpoint(url: str) -> None:
    if url and not re.fullmatch(r"https?://[^\s/?#@]+", url):
        raise ValidationError("应是不带路径的网址，例如 https://s3.example.com")


def _bucket(name: str) -> None:
    """As S3 has it (docs.aws.amazon.com, "Bucket naming rules")."""
    if name and not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", name):
        raise ValidationError("应是 3 到 63 个小写字母、数字、点和连字符")


def _filled(value: str) -> None:
    if not value.strip():
        raise ValidationError("不能为空")


def _font_file(path: str) -> None:
    if path and not Path(path).is_file():
        raise ValidationError("应是一个字体文件的路径")


def _contact(uri: str) -> None:
    if uri and not re.fullmatch(r"(?:mailto:\S+@\S+|https://\S+|tel:\+?[0-9-]+)", uri):
        raise ValidationError("应以 mailto:、https:// 或 tel: 开头")


def _between(low: int, high: int) -> Callable[[int], None]:
    def check(value: int) -> None:
        if not low <= value <= high:
            raise ValidationError(f"应是 {low} 到 {high} 之间的整数")

    return check


def _one_of(*allowed: str) -> Callable[[str], None]:
    def check(value: str) -> None:
        if value not in allowed:
            raise ValidationError(f"只能是 {'、'.join(allowed)} 之一")

    return check


# environs reports a value of the wrong type in English; what we say instead.
_WRONG_TYPE = {
    "Not a valid integer.": "应是整数",
    "Not a valid boolean.": "应是 true 或 false",
}


def read(dotenv: Path = BASE_DIR / ".env") -> Environment:
    """Read and check the environment; raise ConfigurationError that names every fault."""
    env = _sources(dotenv, eager=False)
    port = env.int("PORT", 8000, validate=_between(1, 65535))
    url = env.str("DATABASE_URL", "", validate=_postgres)
    replicas: list[str] = env.list("REPLICA_URLS", [], validate=_replicas)
    site_url = env.str("SITE_URL", "", validate=_site_url)
    hosts: list[str] = env.list("ALLOWED_HOSTS", [])
    values: dict[str, Any] = {
        "secret_key": env.str("SECRET_KEY", ""),
        "replica_lag_seconds": env.int("REPLICA_LAG_SECONDS", 5, validate=_between(1, 3600)),
        "debug": env.bool("DEBUG", False),
        "demo": env.bool("DEMO", True),
        "serve": env.str("XINWANG_SERVE", "all", validate=_one_of("all", "public", "editorial")),
        "host": env.str("HOST", "127.0.0.1", validate=_filled),
        "media_storage": env.str("MEDIA_STORAGE", "files", validate=_one_of("files", "s3")),
        "media_address": env.str("MEDIA_ADDRESS", "/media/", validate=_media_address),
        "s3_bucket": env.str("S3_BUCKET", "", validate=_bucket),
        "s3_originals_bucket": env.str("S3_ORIGINALS_BUCKET", "", validate=_bucket),
        "s3_endpoint": env.str("S3_ENDPOINT", "", validate=_endpoint),
        "s3_region": env.str("S3_REGION", ""),
        "s3_addressing": env.str(
            "S3_ADDRESSING", "auto", validate=_one_of("auto", "path", "virtual")
        ),
        "s3_access_key": env.str("S3_ACCESS_KEY", ""),
        "s3_secret_key": env.str("S3_SECRET_KEY", ""),
        "web_concurrency": env.int(
            "WEB_CONCURRENCY", min(4, (os.cpu_count() or 1) + 1), validate=_between(1, 64)
        ),
        "site_name": env.str("SITE_NAME", "信网"),
        "site_description": env.str("SITE_DESCRIPTION", "青岛城市新闻档案"),
        "copyright_since": env.int("COPYRIGHT_SINCE", 2014, validate=_between(1900, 2100)),
        "card_font": env.str("CARD_FONT", "", validate=_font_file),
        "security_contact": env.str("SECURITY_CONTACT", "", validate=_contact),
        "behind_proxy": env.bool("BEHIND_PROXY", False),
        "log_format": env.str("LOG_FORMAT", "text", validate=_one_of("text", "json")),
        "slow_query_milliseconds": env.int(
            "SLOW_QUERY_MILLISECONDS", 200, validate=_between(0, 3_600_000)
        ),
        "metrics_token": env.str("METRICS_TOKEN", ""),
        "page_cache_megabytes": env.int("PAGE_CACHE_MEGABYTES", 24, validate=_between(0, 65536)),
        "log_level": env.str(
            "LOG_LEVEL", "INFO", validate=_one_of("DEBUG", "INFO", "WARNING", "ERROR")
        ),
    }
    var_dir = env.str("VAR_DIR", "var", validate=_filled)
    try:
        env.seal()
    except EnvValidationError as error:
        raise ConfigurationError(_explain(error, _sources(dotenv, eager=True))) from error
    _refuse_half_a_storage(values)
    own = urlsplit(site_url or f"http://127.0.0.1:{port}")
    own_host = own.netloc.lower().removesuffix(f":{own.port}")
    return Environment(
        database=dj_database_url.parse(url) if url else None,
        replicas=[dj_database_url.parse(each) for each in filter(None, map(str.strip, replicas))],
        port=port,
        site_url=f"{own.scheme}://{own.netloc.lower()}",
        allowed_hosts=sorted(
            {*filter(None, map(str.strip, hosts)), own_host, "127.0.0.1", "localhost", "[::1]"}
        ),
        var_dir=(BASE_DIR / var_dir).resolve(),
        **values,
    )


def _refuse_half_a_storage(values: dict[str, Any]) -> None:
    """Object storage needs its two buckets: what readers may fetch, and what nobody may."""
    if values["media_storage"] != "s3":
        return
    buckets = {name: values[name.lower()] for name in ("S3_BUCKET", "S3_ORIGINALS_BUCKET")}
    if missing := [name for name, value in buckets.items() if not value]:
        raise ConfigurationError(f"MEDIA_STORAGE=s3 还要设置 {'、'.join(missing)}")
    if len(set(buckets.values())) == 1:
        raise ConfigurationError(
            "S3_ORIGINALS_BUCKET 应与 S3_BUCKET 不同：原图不公开，缩略图公开，"
            f"现在都是“{values['s3_bucket']}”"
        )
    if find_spec("storages") is None or find_spec("boto3") is None:
        raise ConfigurationError(
            "MEDIA_STORAGE=s3 要先安装 requirements-s3.txt 里的包（docs/scaling.md）"
        )


def _sources(dotenv: Path, *, eager: bool) -> Env:
    env = Env(eager=eager)
    try:
        env.read_env(dotenv, recurse=False)
    except OSError as error:
        raise ConfigurationError(f"读不了 {dotenv}：{error.strerror}") from error
    except ValueError as error:
        raise ConfigurationError(f"读不了 {dotenv}：应是 UTF-8 编码的文本文件") from error
    return env


def _explain(error: EnvValidationError, given: Env) -> str:
    lines = []
    messages = error.error_messages
    for name, reasons in messages.items() if isinstance(messages, dict) else []:
        told = "；".join(_WRONG_TYPE.get(str(reason), str(reason)) for reason in reasons)
        shown = re.sub(r"(//[^:/]*:).*@", r"\1***@", given.str(name, ""))  # no passwords in logs
        lines.append(f"{name} {told}，现在是“{shown}”")
    return "\n".join(lines)
