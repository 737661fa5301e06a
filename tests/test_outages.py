"""Errors that say that the database or the disk can't at the moment, and what editors are told."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import Error, InterfaceError, OperationalError, connection, transaction
from django.test import Client, RequestFactory
from django.urls import reverse
from lxml import html

from articles.models import Article
from articles.outages import Outage, outage, reason
from articles.views.errors import server_error
from tests.desk import at_desk, change_path, editor_named, opened
from tests.factories import make_article

Fail = Callable[[BaseException], None]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("25006", Outage.READ_ONLY), ("40P01", Outage.BUSY), ("40001", Outage.BUSY),
        ("55P03", Outage.BUSY), ("57014", Outage.AWAY), ("53300", Outage.AWAY),
        ("53100", Outage.FULL), ("57P01", Outage.AWAY), ("25P03", Outage.AWAY),
        ("25P04", Outage.AWAY), ("42P01", None), ("23505", None), ("22001", None), ("XX000", None),
    ],
)  # fmt: skip
def test_what_postgresql_says(code: str, said: Outage | None) -> None:
    with pytest.raises(Error) as raised, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$")
    assert outage(raised.value) is said


@pytest.mark.django_db
def test_a_transaction_that_may_not_write() -> None:
    with pytest.raises(Error) as raised, transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        make_article()
    assert outage(raised.value) is Outage.READ_ONLY


def test_why_a_file_was_refused_is_said_in_chinese(tmp_path: Path) -> None:
    for path, said in ((tmp_path, "是文件夹，不是文件"), (tmp_path / "none", "不存在")):
        with pytest.raises(OSError) as refused:
            path.read_bytes()
        assert reason(refused.value) == said
    assert reason(OSError("odd")) == "odd"


def test_the_rest() -> None:
    assert outage(OperationalError("connection refused")) is Outage.AWAY
    assert outage(InterfaceError("connection already closed")) is Outage.AWAY
    assert outage(OSError(errno.ENOSPC, "No space left on device")) is Outage.FULL
    assert outage(OSError(errno.ENOENT, "No such file")) is None
    assert outage(ValueError()) is None
    assert outage(None) is None
    caused = RuntimeError()
    caused.__cause__ = OperationalError()
    assert outage(caused) is Outage.AWAY


@pytest.fixture
def editor() -> User:
    return editor_named("dai")


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Fail:
    def begin(error: BaseException) -> None:
        def fail(*args: Any, **kwargs: Any) -> None:
            raise error

        monkeypatch.setattr(Article, "save", fail)

    return begin


@pytest.mark.django_db
@pytest.mark.parametrize(
    "error",
    [OperationalError("at 10.0.0.7"), OSError(errno.ENOSPC, "/srv")],
    ids=["away", "full"],
)
def test_a_failed_save_carries_the_text_and_can_be_sent_again(
    editor: User, failing: Fail, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    article = make_article(title="原来")
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(editor)
    data = opened(client, article, title='新"题<b>', body="<p>第一行</p>\n<p>第二行</p>")
    data["csrfmiddlewaretoken"] = client.cookies["csrftoken"].value
    with monkeypatch.context() as patch:
        patch.setattr(Article, "save", lambda *_, **__: (_ for _ in ()).throw(error))
        answer = client.post(change_path(article), data)
    assert (answer.status_code, int(answer["Retry-After"]) > 0) == (503, True)
    assert answer["Cache-Control"] == "no-store"
    page = answer.content.decode()
    assert "没有保存" in page
    assert "您写的内容没有丢" in page
    assert "10.0.0.7" not in page
    assert "/srv" not in page
    article.refresh_from_db()
    assert article.title == "原来"
    again = fields_of(page)
    assert again["title"] == '新"题<b>'
    assert again["body"] == data["body"]
    assert client.post(change_path(article), again).status_code == 302
    article.refresh_from_db()
    assert article.title == '新"题<b>'


def fields_of(page: str) -> dict[str, str]:
    (form,) = html.fromstring(page).forms
    return dict(form.form_values())


def test_what_was_not_checked_to_come_from_our_form_is_not_handed_on() -> None:
    request = RequestFactory().post("/admin/", {"_writing": "0" * 32, "title": "别处来的"})
    try:
        raise OperationalError  # noqa: TRY301
    except OperationalError:
        page = server_error(request).content.decode()
    assert "没有丢" in page
    assert "别处来的" not in page


@pytest.mark.django_db
def test_a_password_is_not_sent_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise OperationalError

    monkeypatch.setattr("django.contrib.auth.forms.authenticate", fail)
    client = Client(raise_request_exception=False)
    answer = client.post(reverse("admin:login"), {"username": "dai", "password": "very secret"})
    assert answer.status_code == 503
    assert "没有完成" in answer.content.decode()
    assert "very secret" not in answer.content.decode()


@pytest.mark.django_db
def test_an_outage_is_a_line_in_the_log(
    editor: User, failing: Fail, caplog: pytest.LogCaptureFixture
) -> None:
    article = make_article()
    client = at_desk(editor)
    client.raise_request_exception = False
    data = opened(client, article)
    failing(OperationalError("gone"))
    client.post(change_path(article), data)
    (record,) = [one for one in caplog.records if one.levelname == "ERROR"]
    assert "gone" in record.getMessage()
    assert record.exc_info is None
