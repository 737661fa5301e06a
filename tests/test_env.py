"""What an operator may write into the environment, and what is said about mistakes."""

import os
from pathlib import Path

import pytest

from xinwang import env

NAMES = (
    "ALLOWED_HOSTS", "BEHIND_PROXY", "CARD_FONT", "COPYRIGHT_SINCE", "DATABASE_URL", "DEBUG",
    "HOST", "LOG_LEVEL", "PORT", "SECRET_KEY", "SECURITY_CONTACT", "SITE_DESCRIPTION", "SITE_NAME",
    "SITE_URL", "VAR_DIR", "MEDIA_ADDRESS", "MEDIA_STORAGE", "REPLICA_LAG_SECONDS", "REPLICA_URLS",
    "S3_ADDRESSING", "S3_BUCKET", "S3_ENDPOINT", "S3_ORIGINALS_BUCKET", "S3_REGION",
)  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def dotenv(tmp_path: Path) -> Path:
    """Where a `.env` would be."""
    return tmp_path / ".env"


def faults(dotenv: Path) -> list[str]:
    """The lines of the refusal."""
    with pytest.raises(env.ConfigurationError) as refusal:
        env.read(dotenv)
    return str(refusal.value).splitlines()


def test_an_empty_environment_is_a_site_on_this_machine(dotenv: Path) -> None:
    environment = env.read(dotenv)
    assert environment.database is None
    assert environment.secret_key == ""
    assert environment.debug is False
    assert (environment.host, environment.port) == ("127.0.0.1", 8000)
    assert environment.site_url == "http://127.0.0.1:8000"
    assert environment.allowed_hosts == ["127.0.0.1", "[::1]", "localhost"]
    assert environment.var_dir == env.BASE_DIR / "var"
    assert environment.log_level == "INFO"


def test_values_come_typed_from_a_file(dotenv: Path) -> None:
    dotenv.write_text(
        "PORT=9001\nDEBUG=yes\nSITE_NAME=海边的网\nCOPYRIGHT_SINCE=1999\nVAR_DIR=/srv/信网\n"
        "ALLOWED_HOSTS= a.example , b.example,\nBEHIND_PROXY=1\nLOG_LEVEL=WARNING\n",
        "utf-8",
    )
    environment = env.read(dotenv)
    assert environment.port == 9001
    assert environment.debug is True
    assert environment.behind_proxy is True
    assert environment.site_name == "海边的网"
    assert environment.copyright_since == 1999
    assert environment.var_dir == Path("/srv/信网")
    assert environment.log_level == "WARNING"
    assert {"a.example", "b.example"} < set(environment.allowed_hosts)
    assert "" not in environment.allowed_hosts
    assert environment.site_url == "http://127.0.0.1:9001"


def test_the_process_wins_over_the_file(dotenv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dotenv.write_text("PORT=9001\nSITE_NAME=文件\n")
    monkeypatch.setenv("PORT", "9002")
    environment = env.read(dotenv)
    assert (environment.port, environment.site_name) == (9002, "文件")


def test_a_file_from_windows_is_read(dotenv: Path) -> None:
    dotenv.write_bytes("\ufeffPORT=9001\r\nDEBUG=true\r\n".encode())
    environment = env.read(dotenv)
    assert (environment.port, environment.debug) == (9001, True)


def test_a_file_in_another_encoding_is_refused_by_name(dotenv: Path) -> None:
    dotenv.write_bytes("SITE_NAME=信网".encode("gbk"))
    assert faults(dotenv) == [f"读不了 {dotenv}：应是 UTF-8 编码的文本文件"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_an_unreadable_file_is_refused_by_name(dotenv: Path) -> None:
    dotenv.write_text("PORT=9001\n")
    dotenv.chmod(0)
    (fault,) = faults(dotenv)
    assert fault.startswith(f"读不了 {dotenv}")


def test_every_fault_is_told_at_once(dotenv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "PORT": "八千",
        "DATABASE_URL": "mysql://db.example/xinwang",
        "SITE_URL": "news.example.com",
        "LOG_LEVEL": "loud",
        "DEBUG": "maybe",
        "BEHIND_PROXY": "2",
        "COPYRIGHT_SINCE": "14",
        "VAR_DIR": "",
        "HOST": " ",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    told = {line.split()[0]: line for line in faults(dotenv)}
    assert set(told) == set(wrong)
    for name, value in wrong.items():
        assert told[name].endswith(f"，现在是“{value}”")


def test_a_fault_in_the_file_is_told_with_its_value(dotenv: Path) -> None:
    dotenv.write_text("PORT=99999\nDEBUG=maybe\n")
    assert sorted(faults(dotenv)) == [
        "DEBUG 应是 true 或 false，现在是“maybe”",
        "PORT 应是 1 到 65535 之间的整数，现在是“99999”",
    ]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PORT", "http", "应是整数"),
        ("PORT", "", "应是整数"),
        ("PORT", "0", "应是 1 到 65535 之间的整数"),
        ("PORT", "65536", "应是 1 到 65535 之间的整数"),
        ("DEBUG", "", "应是 true 或 false"),
        ("DEBUG", "2", "应是 true 或 false"),
        ("BEHIND_PROXY", "nginx", "应是 true 或 false"),
        ("LOG_LEVEL", "info", "只能是 DEBUG、INFO、WARNING、ERROR 之一"),
        ("HOST", "", "不能为空"),
        ("VAR_DIR", "", "不能为空"),
        ("DATABASE_URL", "sqlite:///db.sqlite3", "应以 postgresql:// 开头"),
        ("DATABASE_URL", "db.example/xinwang", "应以 postgresql:// 开头"),
        ("DATABASE_URL", "postgresql:/xinwang", "应以 postgresql:// 开头"),
        ("DATABASE_URL", "postgresql://db.example", "缺少数据库名"),
        ("DATABASE_URL", "postgresql://db.example:99999/x", "要用 % 编码"),
        ("DATABASE_URL", "postgresql://[::1/x", "要用 % 编码"),
        ("SITE_URL", "news.example.com", "应是不带路径的网址"),
        ("SITE_URL", "ftp://news.example.com", "应是不带路径的网址"),
        ("SITE_URL", "https://", "应是不带路径的网址"),
        ("SITE_URL", "https://news.example.com/blog", "应是不带路径的网址"),
        ("SITE_URL", "https://news.example.com/?a=b", "应是不带路径的网址"),
        ("SITE_URL", "https://news.example.com#top", "应是不带路径的网址"),
        ("SITE_URL", "https://editor@news.example.com", "应是不带路径的网址"),
        ("SITE_URL", "https://news.example.com:99999", "应是不带路径的网址"),
        ("SITE_URL", "https://[::1", "应是不带路径的网址"),
    ],
)
def test_a_wrong_value_is_named(
    dotenv: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    (fault,) = faults(dotenv)
    assert fault.startswith(f"{name} ")
    assert told in fault
    assert fault.endswith(f"，现在是“{value}”")


@pytest.mark.parametrize("password", ["se#cret", "se/cret", "sec:re/t", "se:cr#et", "se?cret"])
def test_a_password_that_needs_encoding_is_refused_and_never_shown(
    dotenv: Path, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://news:{password}@db.example/xinwang")
    (fault,) = faults(dotenv)
    assert fault == (
        "DATABASE_URL 写法不对：用户名或密码里的特殊字符要用 % 编码，"
        "现在是“postgresql://news:***@db.example/xinwang”"
    )


def test_a_database_elsewhere(dotenv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "DATABASE_URL", "postgres://news:se%23cr%2Fet@db.example:5433/xinwang?sslmode=require"
    )
    database = env.read(dotenv).database
    assert database is not None
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["USER"], database["PASSWORD"]) == ("news", "se#cr/et")
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.example", 5433, "xinwang")
    assert database["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://news@/xinwang?host=/run/my sockets",
        "postgresql://news@/xinwang?host=%2Frun%2Fmy%20sockets",
    ],
)
def test_a_database_behind_a_socket(
    dotenv: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    database = env.read(dotenv).database
    assert database is not None
    assert (database["HOST"], database["NAME"], database["USER"]) == ("", "xinwang", "news")
    assert database["OPTIONS"] == {"host": "/run/my sockets"}


def test_a_database_named_by_a_service(dotenv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql:///?service=xinwang")
    database = env.read(dotenv).database
    assert database is not None
    assert database["OPTIONS"] == {"service": "xinwang"}


@pytest.mark.parametrize(
    ("given", "kept", "host"),
    [
        ("https://news.example.com/", "https://news.example.com", "news.example.com"),
        ("HTTPS://News.Example.com:8443", "https://news.example.com:8443", "news.example.com"),
        ("http://[2001:db8::1]:8000", "http://[2001:db8::1]:8000", "[2001:db8::1]"),
    ],
)
def test_the_site_answers_to_its_own_address(
    dotenv: Path, monkeypatch: pytest.MonkeyPatch, given: str, kept: str, host: str
) -> None:
    monkeypatch.setenv("SITE_URL", given)
    environment = env.read(dotenv)
    assert environment.site_url == kept
    assert host in environment.allowed_hosts


def test_a_font_and_a_contact_are_checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CARD_FONT", str(tmp_path / "none.ttf"))
    monkeypatch.setenv("SECURITY_CONTACT", "security@example.com")
    with pytest.raises(env.ConfigurationError) as caught:
        env.read(tmp_path / ".env")
    assert "CARD_FONT 应是一个字体文件的路径" in str(caught.value)
    assert "SECURITY_CONTACT 应以 mailto:、https:// 或 tel: 开头" in str(caught.value)
    font = tmp_path / "own.ttf"
    font.write_bytes(b"")
    monkeypatch.setenv("CARD_FONT", str(font))
    for contact in ("mailto:security@example.com", "https://example.com/x", "tel:+86-532-1", ""):
        monkeypatch.setenv("SECURITY_CONTACT", contact)
        assert env.read(tmp_path / ".env").security_contact == contact
    assert env.read(tmp_path / ".env").card_font == str(font)


def test_replicas_are_a_list_of_addresses(dotenv: Path) -> None:
    assert env.read(dotenv).replicas == []
    dotenv.write_text(
        "REPLICA_URLS= postgresql://u:p%2Cq@one/xinwang"  # pragma: allowlist secret
        " , postgresql://two/xinwang,\n"
        "REPLICA_LAG_SECONDS=3\n",
        "utf-8",
    )
    environment = env.read(dotenv)
    assert [(each["HOST"], each["PASSWORD"]) for each in environment.replicas] == [
        ("one", "p,q"), ("two", ""),
    ]  # fmt: skip
    assert environment.replica_lag_seconds == 3


def test_a_bad_replica_is_told_without_its_password(dotenv: Path) -> None:
    dotenv.write_text(
        "REPLICA_URLS=postgresql://u:secret@one/xinwang,mysql://u:secret@two/xinwang\n"
        "REPLICA_LAG_SECONDS=0\n",
        "utf-8",
    )
    lag, urls = sorted(faults(dotenv))
    assert lag == "REPLICA_LAG_SECONDS 应是 1 到 3600 之间的整数，现在是“0”"
    assert urls.startswith("REPLICA_URLS 应以 postgresql:// 开头")
    assert "secret" not in urls


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("MEDIA_STORAGE=disk", "MEDIA_STORAGE 只能是 files、s3 之一，现在是“disk”"),
        ("MEDIA_STORAGE=s3", "MEDIA_STORAGE=s3 还要设置 S3_BUCKET、S3_ORIGINALS_BUCKET"),
        ("MEDIA_STORAGE=s3\nS3_BUCKET=abc\nS3_ORIGINALS_BUCKET=abc",  # pragma: allowlist secret
         "S3_ORIGINALS_BUCKET 应与 S3_BUCKET 不同：原图不公开，缩略图公开，现在都是“abc”"),
        ("S3_BUCKET=A_b", "S3_BUCKET 应是 3 到 63 个小写字母、数字、点和连字符，现在是“A_b”"),
        ("S3_ENDPOINT=s3.example.com",
         "S3_ENDPOINT 应是不带路径的网址，例如 https://s3.example.com，现在是“s3.example.com”"),
        ("MEDIA_ADDRESS=https://img.example.com",
         "MEDIA_ADDRESS 应是 /media/，或以 / 结尾的网址，例如 https://img.example.com/，"
         "现在是“https://img.example.com”"),
        ("MEDIA_ADDRESS=\"https://a.example/ 'unsafe-inline'/\"",
         "MEDIA_ADDRESS 应是 /media/，或以 / 结尾的网址，例如 https://img.example.com/，"
         "现在是“https://a.example/ 'unsafe-inline'/”"),
    ],
)  # fmt: skip
def test_half_a_storage_is_refused(dotenv: Path, written: str, told: str) -> None:
    dotenv.write_text(written, "utf-8")
    assert faults(dotenv) == [told]


def test_object_storage_without_its_packages_says_what_to_install(
    dotenv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "MEDIA_STORAGE=s3\nS3_BUCKET=abc\nS3_ORIGINALS_BUCKET=def\n"  # pragma: allowlist secret
    dotenv.write_text(said, "utf-8")
    assert env.read(dotenv).s3_originals_bucket == "def"
    monkeypatch.setattr(env, "find_spec", lambda name: None)
    (told,) = faults(dotenv)
    assert "requirements-s3.txt" in told
