"""Reads on the editors' desk."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.reads import record
from tests.factories import make_article, make_source

pytestmark = pytest.mark.django_db

TOP = "/admin/articles/article/reads/"


@pytest.fixture
def editor(client: Client) -> Client:
    """An editor at the desk."""
    client.force_login(User.objects.create_superuser("editor", password="secret"))
    return client


def test_an_article_shows_its_reads_over_time(editor: Client) -> None:
    article = make_article()
    today = timezone.localdate()
    record(article, 10, today)
    record(article, 5, today - timedelta(days=3))
    record(article, 7, today - timedelta(days=40))
    html = editor.get(reverse("admin:articles_article_change", args=[article.pk])).content.decode()
    assert "最近 30 天共 15 次阅读" in html
    heights = [int(height) for height in re.findall(r'<rect[^>]* height="(\d+)"', html)]
    assert len(heights) == 30
    assert (heights[-1], heights[-4]) == (120, 60)


def test_the_most_read_of_a_day_as_page_and_as_csv(editor: Client) -> None:
    today = timezone.localdate()
    first, second = make_article(title="头名", editor="沈知远"), make_article(title="=cmd()")
    record(first, 9, today)
    record(second, 4, today)
    record(second, 99, today - timedelta(days=1))
    html = editor.get(TOP).content.decode()
    assert html.index("头名") < html.index("=cmd()")
    response = editor.get(f"{TOP}?day={today}&format=csv")
    assert response["Content-Type"].startswith("text/csv")
    text = response.content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][2] == "标题"
    assert [(row[2], row[6]) for row in rows[1:]] == [("头名", "9"), ("'=cmd()", "4")]


def test_no_cell_is_a_formula(editor: Client) -> None:
    today = timezone.localdate()
    for sign in ("=", "+", "-", "@", "\t=", "\r", "\n", " =", "\u3000=", "＝", "＋", "－", "＠"):
        said = f"{sign}1+1"
        record(make_article(title=said, editor=said, source=make_source(said)), 1, today)
    text = editor.get(f"{TOP}?format=csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len(rows) == 14
    for row in rows[1:]:
        assert [cell[0] for cell in row[2:5]] == ["'"] * 3, row


@pytest.mark.parametrize("day", ["", "x", "2026-02-30", "99999-01-01", "%00"])
def test_senseless_days_show_today(editor: Client, day: str) -> None:
    assert "没有阅读记录" in editor.get(f"{TOP}?day={day}").content.decode()


def test_the_list_leads_to_the_ranking(editor: Client) -> None:
    assert TOP in editor.get(reverse("admin:articles_article_changelist")).content.decode()


def test_it_is_not_for_readers_nor_for_staff_without_leave(client: Client) -> None:
    assert client.get(TOP).status_code == 302
    client.force_login(User.objects.create_user("staff", password="x", is_staff=True))
    assert client.get(TOP).status_code == 403
