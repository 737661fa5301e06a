"""Answers for machines: robots, OpenSearch, manifest, icons, well-known, health, picture files."""

import io
import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from lxml import etree
from PIL import Image

from tests.factories import make_photo

pytestmark = pytest.mark.django_db

OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


def test_robots_names_the_sitemap_and_closes_search(client: Client) -> None:
    robots = client.get("/robots.txt")
    assert robots["Content-Type"].startswith("text/plain")
    assert "Sitemap: http://testserver/sitemap.xml" in robots.content.decode()
    assert "Disallow: /search/" in robots.content.decode()


def test_opensearch_says_what_the_specification_wants(client: Client) -> None:
    response = client.get("/opensearch.xml")
    assert response["Content-Type"].startswith("application/opensearchdescription+xml")
    tree = etree.fromstring(response.content)
    assert tree.tag == f"{OPENSEARCH}OpenSearchDescription"
    short, long = (tree.findtext(OPENSEARCH + name) for name in ("ShortName", "Description"))
    assert short
    assert len(short) <= 16
    assert long
    assert len(long) <= 1024
    assert tree.findtext(f"{OPENSEARCH}InputEncoding") == "UTF-8"
    (image,) = tree.iter(f"{OPENSEARCH}Image")
    assert image.text
    with Image.open(Path("static/img/icon-192.png")) as icon:
        assert icon.size == (int(image.get("width", "")), int(image.get("height", "")))
    urls = {url.get("type"): url.get("template") for url in tree.iter(f"{OPENSEARCH}Url")}
    assert urls["text/html"] == "http://testserver/search/?q={searchTerms}"
    for template in urls.values():
        path = str(template).removeprefix("http://testserver").replace("{searchTerms}", "海风")
        assert client.get(path).status_code == 200


def test_the_manifest_names_icons_of_the_sizes_that_it_says(client: Client) -> None:
    response = client.get("/manifest.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    said = json.loads(response.content)
    assert (said["name"], said["lang"], said["start_url"]) == ("信网", "zh-CN", "/")
    assert said["display"] in ("minimal-ui", "browser")
    for name in ("theme_color", "background_color"):
        assert re.fullmatch("#[0-9a-f]{6}", said[name])
    assert {icon["purpose"] for icon in said["icons"]} == {"any", "maskable"}
    for icon in said["icons"]:
        with Image.open(icon["src"].removeprefix("/")) as image:
            assert f"{image.width}x{image.height}" == icon["sizes"]
            if icon["purpose"] == "maskable":  # it fills whatever shape is cut from it
                assert image.convert("RGBA").getpixel((0, 0))[3] == 255  # type: ignore[index]


def test_the_icon_is_where_browsers_look_unasked(client: Client) -> None:
    response = client.get("/favicon.ico")
    assert (response.status_code, response["Content-Type"]) == (200, "image/x-icon")
    with Image.open(io.BytesIO(response.content), formats=["ICO"]) as icon:
        assert icon.info["sizes"] == {(16, 16), (32, 32), (48, 48)}
    assert client.head("/favicon.ico").status_code == 200


def test_whom_to_tell_of_a_fault(client: Client, settings: Any) -> None:
    assert client.get("/.well-known/security.txt").status_code == 404
    settings.SECURITY_CONTACT = "mailto:security@example.com"
    response = client.get("/.well-known/security.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in response.content.decode().splitlines())
    assert fields["Contact"] == "mailto:security@example.com"
    assert fields["Canonical"] == "http://testserver/.well-known/security.txt"
    until = datetime.fromisoformat(fields["Expires"])
    assert timezone.now() + timedelta(days=90) < until < timezone.now() + timedelta(days=365)


def test_where_a_password_is_changed(client: Client) -> None:
    response = client.get("/.well-known/change-password")
    assert (response.status_code, response["Location"]) == (302, "/admin/password_change/")


@pytest.mark.parametrize(
    "path", ["/robots.txt", "/opensearch.xml", "/manifest.webmanifest", "/favicon.ico"]
)
def test_what_was_fetched_is_not_sent_again(client: Client, path: str) -> None:
    first = client.get(path)
    assert "max-age" in first["Cache-Control"]
    for method in (client.get, client.head):
        again = method(path, headers={"if-none-match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        other = method(path, headers={"if-none-match": '"other"'})
        assert (other.status_code, other["ETag"]) == (200, first["ETag"])


def test_health(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert "no-store" in response["Cache-Control"]


def test_renditions_are_served_for_ever(client: Client) -> None:
    photo = make_photo(700, 500)
    for extension, kind in (("webp", "image/webp"), ("jpg", "image/jpeg")):
        response = client.get(f"/media/{photo.token}-640.{extension}")
        assert response.status_code == 200
        assert response["Content-Type"] == kind
        assert "immutable" in response["Cache-Control"]
        assert b"".join(response)  # type: ignore[arg-type]
    assert client.get(f"/media/{photo.token}-1600.jpg").status_code == 404


def test_originals_are_never_served(client: Client) -> None:
    photo = make_photo()
    for path in (f"/media/{photo.original.name}", f"/originals/{photo.original.name}"):
        assert client.get(path).status_code == 404
