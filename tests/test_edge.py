"""What every answer says of security, which methods are taken, and where redirects lead."""

import re
from http import HTTPStatus
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from articles import edge, opengraph
from articles.pagecache import PageCache
from articles.renditions.addresses import url
from articles.views.beacon import door
from tests.factories import make_article, make_photo
from tests.people import at_the_desk, somebody

pytestmark = pytest.mark.django_db

MACHINES = (
    "/robots.txt", "/opensearch.xml", "/manifest.webmanifest", "/reader.css", "/sitemap.xml",
    "/search/suggest/?q=x", "/healthz",
)  # fmt: skip
BY_OTHERS = ("/favicon.ico", "/qr.svg", "/feed/atom.xml", "/feed/feed.json")
ODD_METHODS = ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "NONSENSE")


def says_all(headers: Any) -> None:
    """An answer has every header, and none says that anything may run which isn't ours."""
    for name in edge.NAMES - {"strict-transport-security"}:
        assert headers.get(name), name
    assert "unsafe" not in headers[edge.POLICY]
    assert "default-src 'none'" in headers[edge.POLICY]
    assert "frame-ancestors" in headers[edge.POLICY]


@pytest.mark.parametrize("path", [*MACHINES, "/", "/nowhere/", "/reads/7/", "/2020/13/"])
def test_every_answer_says_it_and_may_be_shown_by_us_alone(client: Client, path: str) -> None:
    response = client.get(path)
    says_all(response.headers)
    assert response[edge.RESOURCE_POLICY] == "same-origin"


@pytest.mark.parametrize("path", BY_OTHERS)
def test_pictures_feeds_and_files_may_be_shown_by_others(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == HTTPStatus.OK
    says_all(response.headers)
    assert response[edge.RESOURCE_POLICY] == "cross-origin"
    assert not response.has_header("Access-Control-Allow-Origin")


def test_so_may_an_articles_pictures_and_what_stands_for_a_lost_one(client: Client) -> None:
    photo = make_photo(800, 600)
    article = make_article(photos=[photo])
    for path in (
        opengraph.preview(article).path,
        url(photo, 320),
        f"{article.get_absolute_url()}code.svg",
        "/media/lost-320.webp",
    ):
        response = client.get(path)
        response.close()
        says_all(response.headers)
        assert response[edge.RESOURCE_POLICY] == "cross-origin", path


def test_the_door_and_the_page_cache_say_it_as_well(client: Client, settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS = 60
    settings.BEHIND_PROXY = True

    def site(environ: dict[str, Any], start: Any) -> list[bytes]:
        response = client.get(environ["PATH_INFO"], secure=True, follow=False)
        environ["xinwang.lasting"] = True
        start(f"{response.status_code} OK", list(response.items()))
        return [response.content]

    application = door(PageCache(site, 2**20))
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": "/topic/", "HTTP_HOST": "testserver",
        "QUERY_STRING": "", "HTTP_X_FORWARDED_PROTO": "https", "HTTP_IF_NONE_MATCH": "",
    }  # fmt: skip
    heard: list[tuple[str, dict[str, str]]] = []

    def ask(**changes: str) -> dict[str, str]:
        application({**environ, **changes}, lambda status, said: heard.append((status, dict(said))))
        said = {name.lower(): value for name, value in heard[-1][1].items()}
        for name in edge.NAMES:
            assert said.get(name), (changes, name)
        return said

    made = ask()
    kept = ask()
    assert kept["content-security-policy"] == made["content-security-policy"]
    ask(HTTP_IF_NONE_MATCH=kept["etag"])
    assert heard[-1][0].startswith("304")
    said = ask(PATH_INFO="/reads/7/", REQUEST_METHOD="DELETE")
    assert (heard[-1][0][:3], said["allow"]) == ("405", "POST")
    ask(PATH_INFO="/reads/7/", REQUEST_METHOD="POST", HTTP_HOST="evil.example")
    assert heard[-1][0].startswith("400")


@pytest.mark.parametrize("method", ODD_METHODS)
@pytest.mark.parametrize(
    "path",
    [
        "/", "/topic/", "/search/?q=x", "/healthz", "/reader/?size=1", "/static/css/base.css",
        "/nowhere/", "/show.asp?id=7",
    ],
)  # fmt: skip
def test_readers_addresses_take_nothing_else(
    client: Client, django_assert_num_queries: Any, method: str, path: str
) -> None:
    with django_assert_num_queries(0):
        response = client.generic(method, path)
    assert response.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert response["Allow"] == "GET, HEAD"
    says_all(response.headers)
    assert not re.search(r"[A-Za-z]", response.content.decode())


def test_the_beacon_takes_a_post_and_the_desk_its_forms(client: Client) -> None:
    for method in ("GET", "HEAD", "PUT", "OPTIONS"):
        response = client.generic(method, "/reads/7/?age=9")
        assert (response.status_code, response["Allow"]) == (405, "POST")
    for method in ("PUT", "DELETE", "OPTIONS", "TRACE"):
        response = client.generic(method, "/admin/login/")
        assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")
    assert client.post("/admin/login/").status_code == 200


def test_a_public_process_takes_no_forms_at_all(client: Client, settings: Any) -> None:
    settings.HAS_DESK = False
    assert client.post("/admin/login/").status_code == 405


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "testserver@evil.example", "testserver:x", "a b",
        "testserver.evil.example", "evil.example:80", "[::1", "x" * 300,
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/topic", "/admin/", "/healthz", "/qr.svg"])
def test_a_strangers_name_is_a_plain_400(
    client: Client, django_assert_num_queries: Any, host: str, path: str
) -> None:
    with django_assert_num_queries(0):
        response = client.get(path, headers={"host": host})
    assert response.status_code == HTTPStatus.BAD_REQUEST
    says_all(response.headers)
    for inside in ("ALLOWED_HOSTS", "Traceback", "Django", "HTTP_HOST", "evil"):
        assert inside not in response.content.decode()


def test_what_a_proxy_would_say_counts_behind_one_alone(client: Client, settings: Any) -> None:
    claims = {"x-forwarded-proto": "https", "x-forwarded-host": "evil.example"}
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/", headers=claims).status_code == 301
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    response = client.get("/topic/", headers=claims)
    assert response.status_code == 200
    assert "evil.example" not in response.content.decode()


TRICKS = (
    "//evil.example", "//evil.example/", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "/%5Cevil.example", "/%2Fevil.example", "//evil.example/..", "/%09/evil.example",
    "https://evil.example", "https:evil.example", "http:///evil.example", "javascript:alert(1)",
    "data:text/html,x", "//testserver@evil.example", "https://testserver@evil.example/",
    "https://testserver.evil.example/", "/\t/evil.example", "\t//evil.example", " //evil.example",
    "//evil。example", "//evil%E3%80%82example", "/zh-hant//evil.example", "/.evil.example",
    "/\r\nLocation: https://evil.example", "ftp://evil.example", "//[::1]/", "////evil.example/%2e",
)  # fmt: skip


def ours(response: HttpResponse) -> bool:
    """Whether an answer leads nowhere, or to an address of ours as a browser reads it."""
    location = response.get("Location", "")
    if not location:
        return True
    # WHATWG URL: tabs and line breaks vanish, leading blanks go, \ is / in http.
    read = re.sub(r"[\t\r\n]", "", location).strip().replace("\\", "/")
    return bool(re.match(r"(?:http://testserver)?/(?!/)", read)) or (
        # a scheme-less host is somebody else's; a bare query or name stays where it is
        not re.match(r"[a-z][a-z0-9+.-]*:|//", read, re.IGNORECASE)
    )


@pytest.mark.parametrize("trick", TRICKS)
def test_no_redirect_leads_elsewhere(client: Client, trick: str) -> None:
    make_article(legacy_url="http://old.example//evil.example/7")
    raw = trick if trick.startswith("/") else f"/{trick}"
    asked = [raw, f"{raw}/x", f"/zh-hant{raw}", f"{raw}?view=mobile", f"/topic{raw}"]
    for path in asked:
        response = client.generic("GET", "/", PATH_INFO=path.encode().decode("latin-1"))
        assert ours(response), (path, response.get("Location"))
    for query in (f"next={trick}", f"url={trick}", f"to={trick}", f"view={trick}"):
        for path in ("/reader/?size=1&", "/topic/?", "/admin/?", "/admin/login/?", "/?"):
            response = client.get(f"{path}{query}")
            assert ours(response), (path, query)
    back = client.get("/reader/?size=1", headers={"referer": trick.replace("\r\n", "")})
    assert back.status_code == 303
    assert ours(back), (trick, back["Location"])


@pytest.mark.parametrize("trick", TRICKS)
def test_a_login_and_a_logout_lead_to_us(client: Client, settings: Any, trick: str) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    User.objects.create_user("戴慧慧", password="海边的栈桥一二三", is_staff=True)
    entered = {"username": "戴慧慧", "password": "海边的栈桥一二三", "next": trick}
    response = client.post("/admin/login/", entered)
    assert response.status_code == 302
    assert ours(response), (trick, response["Location"])
    out = client.post("/admin/logout/", {"next": trick})
    assert out.status_code in (200, 302)
    assert ours(out), (trick, out.get("Location"))


def test_cookies_are_for_us_and_for_no_script(client: Client, settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    User.objects.create_user("戴慧慧", password="海边的栈桥一二三", is_staff=True)
    client.get("/admin/login/", secure=True)
    client.post(
        "/admin/login/", {"username": "戴慧慧", "password": "海边的栈桥一二三"}, secure=True
    )
    client.get("/?view=mobile", secure=True)
    client.get("/reader/?size=5", secure=True)
    cookies = client.cookies
    assert {"sessionid", "csrftoken", "view", "size"} <= set(cookies)
    for name, cookie in cookies.items():
        assert cookie["secure"], name
        assert cookie["samesite"] == "Lax", name
        assert not cookie["domain"], name
        assert bool(cookie["httponly"]) == (name != "csrftoken"), name  # static/desk/token.js


def test_the_desk_says_it_everywhere() -> None:
    client = at_the_desk(somebody("管理员"))
    for path in ("", "articles/article/", "articles/article/add/", "articles/photo/", "nowhere/"):
        says_all(client.get(f"/admin/{path}").headers)
