"""Numbers of requests, logs, slow statements, figures, and whether the site is ready."""

import json
import logging
import logging.config
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test import Client
from prometheus_client import REGISTRY

from articles.models import Article, SearchEntry
from articles.seeing import figures, logs, queries, requests
from articles.seeing.door import seen
from articles.views import health
from tests.factories import make_article

pytestmark = pytest.mark.django_db


def figure(name: str, **labels: str) -> float:
    """What has been counted under a name."""
    figures.TALLY.carry_over()
    return REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.fixture(autouse=True)
def nobody_asks() -> Any:
    """No request of another test is going on."""
    requests.begin({})
    health._applied.clear()


def test_every_answer_has_a_number_and_errors_show_it(client: Client, settings: Any) -> None:
    first, second = (client.get("/topic/")["X-Request-ID"] for _ in range(2))
    assert len(first) == len(second) == 32
    assert first != second
    wrong = client.get("/reader/?size=9")
    assert f"编号 {wrong['X-Request-ID'][:8]}" in wrong.content.decode()
    ours = "0123456789abcdef" * 2
    assert client.get("/topic/", headers={"x-request-id": ours})["X-Request-ID"] != ours
    settings.BEHIND_PROXY = True
    assert client.get("/topic/", headers={"x-request-id": ours})["X-Request-ID"] == ours
    for lie in ("x" * 500, "a b", "<b>" + "x" * 29, "é" * 32, ""):
        assert client.get("/topic/", headers={"x-request-id": lie})["X-Request-ID"] != lie


def test_the_log_is_json_with_the_number_and_nothing_of_the_reader(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.config.dictConfig(logs.configuration("json", "INFO"))
    try:
        capsys.readouterr()
        environ: dict[str, Any] = {"PATH_INFO": "/"}
        requests.begin(environ)
        logging.getLogger("django.request").warning(
            "Not Found: %s", "/栈桥/", extra={"status_code": 404, "request": client}
        )
        try:
            int("broken")
        except ValueError:
            logging.getLogger("articles").exception("what broke")
        client.get("/nowhere/?q=秘密", REMOTE_ADDR="203.0.113.77")
        client.get("/", headers={"host": "evil.example"})
        said = capsys.readouterr().err
    finally:
        with capsys.disabled():  # what it captures is closed when the test ends
            logging.config.dictConfig(logs.configuration("text", "INFO"))
    lines = [json.loads(line) for line in said.splitlines()]
    assert lines[0]["message"] == "Not Found: /栈桥/"
    assert lines[0]["request_id"] == requests.number(environ)
    assert (lines[0]["level"], lines[0]["logger"]) == ("WARNING", "django.request")
    assert lines[0]["status_code"] == 404
    assert "request" not in lines[0]
    assert "ValueError: invalid literal" in lines[1]["exc_info"]
    assert "time" in lines[1]
    for kept_out in ("203.0.113.77", "秘密", "%E7%A7%98", "DisallowedHost", "evil.example"):
        assert kept_out not in said


def test_a_slow_statement_is_told_without_its_values(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SLOW_QUERY_MILLISECONDS = 1
    before = figure("xinwang_slow_statements_total")
    environ: dict[str, Any] = {}
    requests.begin(environ)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.02), %s, 'it''s hers'", ["戴慧慧的稿子"])
    (record,) = [record for record in caplog.records if record.name == queries.__name__]
    assert record.__dict__["milliseconds"] >= 20
    assert record.__dict__["statement"] == "SELECT pg_sleep(0.02), %s, '…'"
    assert "戴慧慧" not in record.getMessage()
    assert figure("xinwang_slow_statements_total") == before + 1
    settings.SLOW_QUERY_MILLISECONDS = 0
    caplog.clear()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.02)")
    assert not caplog.records


def test_a_failure_of_the_database_is_counted_once(client: Client) -> None:
    before = figure("xinwang_database_errors_total", error="ProgrammingError")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT nothing_of_the_kind")
    assert figure("xinwang_database_errors_total", error="ProgrammingError") == before + 1
    error = OperationalError("away")
    before = figure("xinwang_database_errors_total", error="OperationalError")
    for _ in range(3):
        queries.failed(error)
    assert figure("xinwang_database_errors_total", error="OperationalError") == before + 1


def test_requests_are_counted_by_kind_status_and_device(client: Client, phone: Client) -> None:
    def asked(**changes: str) -> float:
        labels = {"kind": "topics", "status": "200", "device": "desktop", "source": "made"}
        return figure("xinwang_requests_total", **{**labels, **changes})

    def site(environ: dict[str, Any], start: Any) -> list[bytes]:
        response = (phone if environ["phone"] else client).get(environ["PATH_INFO"])
        environ[requests.OUTCOME] = response.wsgi_request.META[requests.OUTCOME]
        return [response.content]

    application = seen(site)
    before = asked(), asked(device="mobile"), asked(kind="other", status="404", device="desktop")
    application({"PATH_INFO": "/topic/", "phone": False}, None)
    application({"PATH_INFO": "/topic/", "phone": True}, None)
    application({"PATH_INFO": "/topic/nowhere/", "phone": False}, None)
    assert (asked(), asked(device="mobile")) == (before[0] + 1, before[1] + 1)
    assert asked(kind="topic", status="404") >= 1
    broken = asked(kind="other", status="500", device="")

    def breaks(environ: dict[str, Any], start: Any) -> list[bytes]:
        raise RuntimeError("in front of Django")

    with pytest.raises(RuntimeError):
        seen(breaks)({}, None)
    assert asked(kind="other", status="500", device="") == broken + 1


def test_alive_asks_nobody_and_ready_says_what_is_missing(
    client: Client, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_article()
    with django_assert_num_queries(0):
        assert client.get("/healthz").content == b"ok\n"
    ready = client.get("/readyz")
    assert ready.status_code == 200
    said = ready.json()
    assert said["ready"] is True
    for name in ("database", "migrations", "disk", "search"):
        assert said[name]["ok"] is True, name
    with django_assert_num_queries(2):  # migrations were looked at
        client.get("/readyz")
    monkeypatch.setattr(health, "FREE_MEGABYTES", 2**50)
    full = client.get("/readyz")
    assert (full.status_code, full.json()["disk"]["ok"]) == (503, False)


def test_ready_sees_an_index_out_of_step(client: Client) -> None:
    article = make_article()
    SearchEntry.objects.filter(article=article).delete()
    said = client.get("/readyz")
    assert (said.status_code, said.json()["search"]) == (503, {"ok": False})
    Article.objects.all().delete()
    assert client.get("/readyz").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX searchentry_keys")
    assert client.get("/readyz").json()["search"]["ok"] is False


def test_ready_sees_a_migration_that_is_missing(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'articles' AND name > '0014'")
    said = client.get("/readyz")
    assert said.status_code == 503
    assert said.json()["migrations"]["ok"] is False
    assert said.json()["migrations"]["missing"] >= 1


def test_what_a_role_may_not_see_is_not_held_against_it(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE xinwang_test_reader")
        cursor.execute("GRANT SELECT ON articles_article, articles_searchentry,"
                       " articles_indexrebuild TO xinwang_test_reader")  # fmt: skip
        cursor.execute("SET LOCAL ROLE xinwang_test_reader")
        try:
            with transaction.atomic():
                assert health._checked(_in_a_savepoint(health._migrations))[0] is None
            assert health._checked(health._search) == (True, {})
        finally:
            cursor.execute("RESET ROLE")


def _in_a_savepoint(check: Any) -> Any:
    """A refused statement must not spoil the test's own transaction."""

    def checked() -> Any:
        with transaction.atomic():
            return check()

    return checked


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_figures_are_for_those_inside(client: Client, settings: Any, path: str) -> None:
    assert client.get(path).status_code == 200
    assert client.get(path, REMOTE_ADDR="10.1.2.3").status_code == 200
    assert client.get(path, REMOTE_ADDR="").status_code == 200
    assert client.get(path, REMOTE_ADDR="8.8.8.8").status_code == 404
    assert client.get(path, headers={"x-forwarded-for": "127.0.0.1"}).status_code == 404
    settings.METRICS_TOKEN = "long-and-random"
    assert client.get(path).status_code == 404
    assert client.get(path, headers={"authorization": "Bearer wrong"}).status_code == 404
    token = {"authorization": "Bearer long-and-random"}
    assert client.get(path, headers=token, REMOTE_ADDR="8.8.8.8").status_code == 200


def test_the_figures_tell_how_old_content_is(client: Client) -> None:
    make_article()
    with connection.cursor() as cursor:
        cursor.execute("SELECT articles_begin_generation()")
    text = client.get("/metrics").content.decode()
    age = next(
        line for line in text.splitlines() if line.startswith("xinwang_generation_age_seconds ")
    )
    assert float(age.split()[1]) < 60
    for name in ("xinwang_requests", "xinwang_reads", "xinwang_database_errors"):
        assert f"# TYPE {name}" in text
