"""What the environment may say, typed and checked once, before Django starts.

Values come from the process environment, then from a `.env` file beside manage.py. Anything wrong
is reported all at once, in Chinese, naming the variable, what it should be and what it is.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
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
    page_cache_megabytes: int
    log_level: str


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
    site_url = env.str("SITE_URL", "", validate=_site_url)
    hosts: list[str] = env.list("ALLOWED_HOSTS", [])
    values: dict[str, Any] = {
        "secret_key": env.str("SECRET_KEY", ""),
        "debug": env.bool("DEBUG", False),
        "demo": env.bool("DEMO", True),
        "serve": env.str("XINWANG_SERVE", "all", validate=_one_of("all", "public", "editorial")),
        "host": env.str("HOST", "127.0.0.1", validate=_filled),
        "web_concurrency": env.int(
            "WEB_CONCURRENCY", min(4, (os.cpu_count() or 1) + 1), validate=_between(1, 64)
        ),
        "site_name": env.str("SITE_NAME", "信网"),
        "site_description": env.str("SITE_DESCRIPTION", "青岛城市新闻档案"),
        "copyright_since": env.int("COPYRIGHT_SINCE", 2014, validate=_between(1900, 2100)),
        "card_font": env.str("CARD_FONT", "", validate=_font_file),
        "security_contact": env.str("SECURITY_CONTACT", "", validate=_contact),
        "behind_proxy": env.bool("BEHIND_PROXY", False),
        "page_cache_megabytes": env.int("PAGE_CACHE_MEGABYTES", 32, validate=_between(0, 65536)),
        "log_level": env.str(
            "LOG_LEVEL", "INFO", validate=_one_of("DEBUG", "INFO", "WARNING", "ERROR")
        ),
    }
    var_dir = env.str("VAR_DIR", "var", validate=_filled)
    try:
        env.seal()
    except EnvValidationError as error:
        raise ConfigurationError(_explain(error, _sources(dotenv, eager=True))) from error
    own = urlsplit(site_url or f"http://127.0.0.1:{port}")
    own_host = own.netloc.lower().removesuffix(f":{own.port}")
    return Environment(
        database=dj_database_url.parse(url) if url else None,
        port=port,
        site_url=f"{own.scheme}://{own.netloc.lower()}",
        allowed_hosts=sorted(
            {*filter(None, map(str.strip, hosts)), own_host, "127.0.0.1", "localhost", "[::1]"}
        ),
        var_dir=(BASE_DIR / var_dir).resolve(),
        **values,
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
