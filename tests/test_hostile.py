"""Hostile texts come in by every door and out by every way, and stay texts."""

import csv
import io
import json
import re
from collections import Counter
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from lxml import etree
from lxml import html as lxml_html

from articles import pasted
from articles.models import Article
from articles.sanitizer import ATTRIBUTES, SCHEMES, TAGS, sanitize
from articles.transfer import export
from tests.desk import at_desk, editor_named
from tests.hostile import infested
from tests.hostile.vectors import VECTORS, Vector
from tests.kinds import PHONE_AGENT
from tests.lines import run_import

BODY = lxml_html.HTMLParser(encoding="utf-8")
ALLOWED = {tag: {*ATTRIBUTES.get(tag, ()), *(["rel"] if tag == "a" else [])} for tag in TAGS}


class Read(HTMLParser):
    """What a body holds, read by another parser than the one that made it."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Only our tags, with their attributes, leading where links may lead."""
        held = dict(attrs)
        if tag not in TAGS or set(held) - ALLOWED[tag]:
            self.faults.append(f"{tag} {held}")
        href = re.sub(r"[\x00-\x20\u200b\ufeff\xad]", "", held.get("href") or "")
        scheme = re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", href)
        if scheme and scheme[0][:-1].lower() not in SCHEMES:
            self.faults.append(href)

    def handle_comment(self, data: str) -> None:
        """Nothing but elements and text."""
        self.faults.append(f"comment {data}")

    handle_decl = handle_pi = unknown_decl = handle_comment


def faults_in(body: str) -> list[str]:
    reader = Read()
    reader.feed(body)
    reader.close()
    return reader.faults


def test_there_are_enough_of_every_class() -> None:
    assert len(VECTORS) >= 150
    assert all(count >= 7 for count in Counter(vector.kind for vector in VECTORS).values())


@pytest.mark.parametrize("kind", sorted({vector.kind for vector in VECTORS}))
@pytest.mark.parametrize("door", [sanitize, pasted.clean, pasted.clean_text])
def test_a_body_is_harmless_whatever_it_was(kind: str, door: object) -> None:
    for vector in VECTORS:
        if vector.kind == kind:
            body = door(vector.text)  # type: ignore[operator]
            assert faults_in(body) == [], vector
            assert sanitize(str(body)) == body, vector
            pasted.lost(vector.text)
            # As it comes in by an import: within other markup, and again.
            around = sanitize(f"<div><p>甲{vector.text}乙</p></div>")
            assert faults_in(around) == [], vector


class Skeleton(HTMLParser):
    """A page's bones: what stands around what people write."""

    BONES = frozenset({
        "html", "head", "body", "title", "meta", "link", "base", "script", "style", "main",
        "header", "nav", "footer", "aside", "h1", "form", "input", "button", "iframe", "object",
        "embed", "svg", "math", "noscript", "template", "select", "textarea", "dialog",
    })  # fmt: skip

    def __init__(self, page: str) -> None:
        super().__init__()
        self.bones: Counter[str] = Counter()
        self.handlers: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count the bones; nothing of ours has a handler in its markup."""
        if tag in self.BONES:
            kind = next((value for name, value in attrs if name == "type"), None)
            self.bones[f"{tag} {kind or ''}".strip()] += 1
        self.handlers += [f"{tag} {name}" for name, _ in attrs if name.startswith("on")]


READERS = {
    "desktop": {"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0"},
    "mobile": {"user-agent": PHONE_AGENT},
}


def bones_of(texts: list[str]) -> dict[str, Counter[str]]:
    """The skeletons of all pages of an archive of these texts; each page says what it ought to."""
    infested.infest(texts)
    found = {}
    for name, path in infested.pages(texts).items():
        for device, headers in READERS.items():
            response = Client(headers=headers).get(path)
            assert response.status_code in (200, 404, 410), (name, response.status_code)
            found[f"{name} {device}"] = _bones(name, response.content.decode())
    editor = at_desk(User.objects.get(username="superuser"))
    for name, path in infested.desk().items():
        response = editor.get(path)
        assert response.status_code == 200, (name, response.status_code)
        found[f"desk {name}"] = _bones(name, response.content.decode())
    return found


def _bones(name: str, page: str) -> Counter[str]:
    skeleton = Skeleton(page)
    assert skeleton.handlers == [], name
    for said in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL):
        assert json.loads(said)["@context"] == "https://schema.org", name
    return skeleton.bones


@pytest.mark.django_db
@pytest.mark.once
def test_no_text_breaks_the_page_around_it() -> None:
    editor_named("superuser")
    hostile = [vector.storable for vector in VECTORS]
    # As long, so that as many rows and pages are made of them.
    plain = [f"{n:03}" + re.sub(r"\S", "字", text)[3:] for n, text in enumerate(hostile)]
    with transaction.atomic():
        expected = bones_of(plain)
        transaction.set_rollback(True)
    found = bones_of(hostile)
    for name, bones in found.items():
        if "found" not in name and "searched" not in name:  # one finds what the other doesn't
            assert bones == expected[name], name
        assert bones["html"] == bones["head"] == bones["body"] == 1, name
        assert not {"base", "object", "embed", "math", "template", "style"} & set(bones), name
    _machines()
    _sheet()


def _machines() -> None:
    for line in export():
        assert json.loads(line)["number"]
    client = Client()
    strict = etree.XMLParser(resolve_entities=False, no_network=True)
    for path, kind in infested.machines().items():
        response = client.get(path)
        assert response.status_code == 200, path
        body = response.getvalue()
        if kind == "xml":
            etree.fromstring(body, strict)
        elif kind == "json":
            json.loads(body)
        elif kind == "plain":  # nothing shows it as a page
            assert response["X-Content-Type-Options"] == "nosniff", path
            assert not response["Content-Type"].startswith("text/html"), path
        else:
            assert body[:4] in (b"\x89PNG", b"\xff\xd8\xff\xe0"), path
        assert not any("canary" in value.lower() for value in response.headers.values()), path


def _sheet() -> None:
    """No cell of the readings' table is a formula to a spreadsheet."""
    editor = at_desk(User.objects.get(username="superuser"))
    response = editor.get("/admin/articles/article/reads/?format=csv")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert len(rows) == 51
    for cell in (cell for row in rows[1:] for cell in row):
        assert not re.match(r"\s*[=+\-@＝＋－＠\t\r]", cell), cell


@pytest.mark.django_db
def test_an_import_takes_a_hostile_line_or_says_why_not() -> None:
    for vector in VECTORS[::5]:
        outcome = run_import(
            json.dumps(
                {"id": f"v{vector.number}", "title": vector.text[:200].strip() or "字",
                 "body": vector.text, "published_at": "2022-09-29T09:18:00+08:00"}
            ).encode()
        )  # fmt: skip
        assert outcome.counts[0] == 1 or outcome.reasons, vector
    for body in Article.objects.values_list("body", flat=True):
        assert faults_in(body) == [], body


@pytest.mark.django_db
@pytest.mark.parametrize("vector", VECTORS[::9], ids=lambda vector: str(vector.number))
def test_what_is_searched_for_is_said_back_as_text(client: Client, vector: Vector) -> None:
    response = client.get("/search/?q=" + quote(vector.text.encode("utf-8", "surrogatepass")))
    assert response.status_code == 200
    skeleton = Skeleton(response.content.decode())
    assert skeleton.handlers == []
    assert skeleton.bones["h1"] == 1
