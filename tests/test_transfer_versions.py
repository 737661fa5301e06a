"""Public versions come in with their articles, and are never rewritten by what comes later."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles.models import Article, Photo, PublicVersion
from tests.factories import moment
from tests.lines import make_line, make_pictures, run_import

pytestmark = pytest.mark.django_db


def said(body: str, **fields: Any) -> dict[str, Any]:
    return {"title": "栈桥的早晨", "published_at": "2022-09-29T09:18", "body": body, **fields}


FIRST = {"kind": "first", "published_at": "2022-09-29T09:18", "said": said("<p>三人到场。</p>")}
SECOND = {
    "kind": "correction", "published_at": "2022-09-30T10:00", "reason": "核实后改正了人数。",
    "said": said("<p>四人到场。</p>"),
}  # fmt: skip
GONE = {"kind": "retraction", "published_at": "2022-10-01", "reason": "数据未经核实。"}


def line(*versions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return make_line(
        id="one", title="栈桥的早晨", body="<p>四人到场。</p>", versions=list(versions), **fields
    )


def kept() -> list[dict[str, Any]]:
    return list(PublicVersion.objects.order_by("number").values())


def test_versions_are_what_readers_and_machines_get(client: Client) -> None:
    assert run_import(line(FIRST, SECOND)).counts == (1, 0, 0, 0)
    article = Article.objects.get()
    first, second = PublicVersion.objects.order_by("number")
    assert (first.number, first.kind, first.reason) == (1, "first", "")
    assert (second.number, second.kind, second.reason) == (2, "correction", "核实后改正了人数。")
    assert second.published_at == moment("2022-09-30 10:00")
    assert second.sha256 == hashlib.sha256(second.said.text().encode()).hexdigest()
    path = article.get_absolute_url()
    shown = client.get(f"{path}history/").content.decode()
    assert "核实后改正了人数。" in shown
    assert "<del" in shown
    assert "三人到场。" in client.get(f"{path}history/1/").content.decode()
    call_command("verify_archive")


def test_a_line_without_versions_costs_nothing_more_for_them() -> None:
    with CaptureQueriesContext(connection) as queries:
        run_import(*(make_line() for _ in range(3)))
    assert not [one for one in queries if "publicversion" in one["sql"]]


def test_pictures_are_named_by_files_or_by_what_they_are(tmp_path: Path) -> None:
    photos = [{"file": "a.jpg", "caption": "甲图"}]
    elsewhere = "ab" * 32
    body = '<p>甲</p><figure data-photo="a.jpg"></figure>'
    pictures = [{"file": "a.jpg", "caption": "旧图注"}, {"sha256": elsewhere}]
    version = {**FIRST, "said": said(body, pictures=pictures)}
    assert run_import(line(version, photos=photos), photos=make_pictures(tmp_path)).counts[0] == 1
    photo, found = Photo.objects.get(), PublicVersion.objects.get().said
    assert found.body == f'<p>甲</p><figure data-photo="{photo.token}"></figure>'
    assert found.pictures == ((photo.sha256, "旧图注"), (elsewhere, ""))


def test_bodies_are_cleaned_whoever_wrote_the_line() -> None:
    body = '<p onclick="x()">四人<script>alert(1)</script>到场。</p>'
    run_import(line({**FIRST, "said": said(body)}))
    assert PublicVersion.objects.get().said.body == "<p>四人到场。</p>"


def test_a_later_line_adds_what_is_new_and_takes_nothing_back() -> None:
    run_import(line(FIRST))
    before = kept()
    assert run_import(line(FIRST)).counts == (0, 0, 1, 0)
    assert run_import(line(FIRST, SECOND, GONE, state="withdrawn")).counts == (0, 1, 0, 0)
    after = kept()
    assert [one["kind"] for one in after] == ["first", "correction", "retraction"]
    assert after[0] == before[0]
    assert (after[2]["content"], after[2]["sha256"]) == ({}, "")
    assert run_import(line(FIRST)).counts == (0, 1, 0, 0)
    assert run_import(line()).counts == (0, 1, 0, 0)
    assert kept() == after


@pytest.mark.parametrize(
    "change",
    [{"reason": "另一个说法"}, {"published_at": "2022-09-30"}, {"said": said("<p>五人。</p>")}],
)
def test_another_past_than_the_archive_knows_is_refused(change: dict[str, Any]) -> None:
    run_import(line(FIRST, SECOND), make_line(id="two"))
    before, versions = Article.objects.filter(legacy_id="one").values().get(), kept()
    outcome = run_import(line(FIRST, {**SECOND, **change}), make_line(id="two", title="另改"))
    assert outcome.counts == (0, 1, 0, 1)
    assert outcome.reasons == {1: "versions 里第 2 版与库里的不同，公开版本不能改写"}
    assert kept() == versions
    assert Article.objects.filter(legacy_id="one").values().get() == before
    assert Article.objects.get(legacy_id="two").title == "另改"


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ({**FIRST, "kind": None}, "kind 只能是"),
        ({**FIRST, "kind": "draft"}, "kind 只能是"),
        ({**FIRST, "published_at": None}, "缺少 published_at"),
        ({**FIRST, "said": None}, "都要有 said"),
        ({**FIRST, "said": "甲"}, "said 应是对象"),
        ({**GONE, "said": said("<p>甲</p>")}, "都要有 said"),
        ({**FIRST, "said": said("<p>甲</p>", title="")}, "缺少 title"),
        ({**FIRST, "reason": "长" * 201}, "reason 超过 200 字"),
        ({**FIRST, "sha256": "0" * 64}, "第 1 版与它的 sha256 不符"),
        ({**FIRST, "said": said("甲", pictures=[{}])}, "缺少 file"),
        ({**FIRST, "said": said("甲", pictures=[{"file": "a.jpg"}])}, "不在 photos 里"),
        ({**FIRST, "said": said('<figure data-photo="a.jpg"></figure>')}, "不在 photos 里"),
    ],
)
def test_what_can_be_no_version_is_refused(version: dict[str, Any], reason: str) -> None:
    outcome = run_import(line(version))
    assert outcome.counts == (0, 0, 0, 1)
    assert reason in outcome.reasons[1]
    assert not Article.objects.exists()
