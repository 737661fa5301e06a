"""Who may what on the desk."""

# ruff: noqa: E501  # a table

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from articles.models import Article, Correction, Desk, Licence, Page, Promo
from tests.factories import make_article, make_photo, make_source, make_topic
from tests.people import GROUPS, admin_routes, at_the_desk, somebody
from tests.test_admin import form_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ARTICLES = "/admin/articles/article/"
# What each address answers to 编辑, 主编, 管理员 and nobody, to a GET | to an empty POST; the
# article is published, and another desk's than the 编辑's. 403: refused; login: sent to the login
# page. An address that is not here fails the test.
ANSWERS = {
    "": "200 200 200 login | 200 200 200 login",
    "login/": "302 302 302 200 | 200 200 200 200",
    "logout/": "405 405 405 302 | 200 200 200 302",
    "password_change/": "200 200 200 login | 200 200 200 login",
    "password_change/done/": "200 200 200 login | 405 405 405 login",
    "autocomplete/": "403 403 403 login | 405 405 405 login",
    "jsi18n/": "200 200 200 login | 405 405 405 login",
    "r/<path:content_type_id>/<path:object_id>/": "404 404 404 login | 404 404 404 login",
    "auth/user/<id>/password/": "403 403 200 login | 403 403 200 login",
    "axes/accessattempt/": "403 403 200 login | 403 403 200 login",
    "articles/article/reads/": "200 200 200 login | 200 200 200 login",
    "articles/article/preview/": "405 405 405 login | 200 200 200 login",
    "articles/article/<int:number>/preview/": "200 200 200 login | 405 405 405 login",
    "articles/article/<int:number>/preview/unsaved/": "405 405 405 login | 200 200 200 login",
    "articles/article/<int:number>/preview/desktop/": "200 200 200 login | 405 405 405 login",
    "articles/article/<int:number>/preview/mobile/": "200 200 200 login | 405 405 405 login",
    "^(?P<app_label>auth|axes|articles)/$": "200 200 200 login | 200 200 200 login",
    "(?P<url>.*)$": "404 404 404 login | 404 404 404 login",
    "auth/group/": "403 403 200 login | 403 403 200 login",
    "auth/group/add/": "403 403 200 login | 403 403 200 login",
    "auth/group/<path:object_id>/history/": "403 403 200 login | 403 403 200 login",
    "auth/group/<path:object_id>/delete/": "403 403 200 login | 403 403 200 login",
    "auth/group/<path:object_id>/change/": "403 403 200 login | 403 403 200 login",
    "auth/group/<path:object_id>/": "302 302 302 login | 302 302 302 login",
    "auth/user/": "403 403 200 login | 403 403 200 login",
    "auth/user/add/": "403 403 200 login | 403 403 200 login",
    "auth/user/<path:object_id>/history/": "403 403 200 login | 403 403 200 login",
    "auth/user/<path:object_id>/delete/": "403 403 200 login | 403 403 200 login",
    "auth/user/<path:object_id>/change/": "403 403 200 login | 403 403 200 login",
    "auth/user/<path:object_id>/": "302 302 302 login | 302 302 302 login",
    "articles/photo/": "200 200 200 login | 200 200 200 login",
    "articles/photo/upload/": "302 302 302 login | 302 302 302 login",
    "articles/photo/describe/": "200 200 200 login | 200 200 200 login",
    "articles/photo/add/differences/": "404 404 404 login | 200 200 200 login",
    "articles/photo/<path:object_id>/differences/": "404 404 404 login | 200 200 200 login",
    "articles/photo/<path:object_id>/history/<int:number>/restore/": "404 404 404 login | 404 404 404 login",
    "articles/photo/deleted/": "404 404 404 login | 404 404 404 login",
    "articles/photo/deleted/<int:number>/": "404 404 404 login | 404 404 404 login",
    "articles/photo/<path:object_id>/history/<int:number>/": "404 404 404 login | 404 404 404 login",
    "articles/photo/add/": "200 200 200 login | 200 200 200 login",
    "articles/photo/<path:object_id>/history/": "200 200 200 login | 200 200 200 login",
    "articles/photo/<path:object_id>/delete/": "403 200 200 login | 403 200 200 login",
    "articles/photo/<path:object_id>/change/": "200 200 200 login | 200 200 200 login",
    "articles/photo/<path:object_id>/": "302 302 302 login | 302 302 302 login",
    "articles/article/": "200 200 200 login | 200 200 200 login",
    "articles/article/photos/": "200 200 200 login | 405 405 405 login",
    "articles/article/intake/": "405 405 405 login | 200 200 200 login",
    "articles/article/check/": "405 405 405 login | 200 200 200 login",
    "articles/article/<path:object_id>/presence/": "403 403 403 login | 403 200 200 login",
    "articles/article/add/differences/": "404 404 404 login | 200 200 200 login",
    "articles/article/<path:object_id>/differences/": "403 404 404 login | 403 200 200 login",
    "articles/article/<path:object_id>/history/<int:number>/restore/": "403 404 404 login | 403 404 404 login",
    "articles/article/deleted/": "200 200 200 login | 200 200 200 login",
    "articles/article/deleted/<int:number>/": "404 404 404 login | 404 404 404 login",
    "articles/article/<path:object_id>/history/<int:number>/": "404 404 404 login | 404 404 404 login",
    "articles/article/add/": "200 200 200 login | 200 200 200 login",
    "articles/article/<path:object_id>/history/": "200 200 200 login | 200 200 200 login",
    "articles/article/<path:object_id>/delete/": "403 403 403 login | 403 403 403 login",
    "articles/article/<path:object_id>/change/": "200 200 200 login | 403 200 200 login",
    "articles/article/<path:object_id>/": "302 302 302 login | 302 302 302 login",
    "articles/topic/": "200 200 200 login | 200 200 200 login",
    "articles/topic/add/differences/": "403 404 404 login | 403 200 200 login",
    "articles/topic/<path:object_id>/differences/": "403 404 404 login | 403 200 200 login",
    "articles/topic/<path:object_id>/history/<int:number>/restore/": "403 404 404 login | 403 404 404 login",
    "articles/topic/deleted/": "403 200 200 login | 403 200 200 login",
    "articles/topic/deleted/<int:number>/": "403 404 404 login | 403 404 404 login",
    "articles/topic/<path:object_id>/history/<int:number>/": "404 404 404 login | 404 404 404 login",
    "articles/topic/add/": "403 200 200 login | 403 200 200 login",
    "articles/topic/<path:object_id>/history/": "200 200 200 login | 200 200 200 login",
    "articles/topic/<path:object_id>/delete/": "403 200 200 login | 403 200 200 login",
    "articles/topic/<path:object_id>/change/": "200 200 200 login | 403 200 200 login",
    "articles/topic/<path:object_id>/": "302 302 302 login | 302 302 302 login",
    "articles/source/": "200 200 200 login | 200 200 200 login",
    "articles/source/add/differences/": "403 404 404 login | 403 200 200 login",
    "articles/source/<path:object_id>/differences/": "403 404 404 login | 403 200 200 login",
    "articles/source/<path:object_id>/history/<int:number>/restore/": "403 404 404 login | 403 404 404 login",
    "articles/source/deleted/": "403 200 200 login | 403 200 200 login",
    "articles/source/deleted/<int:number>/": "403 404 404 login | 403 404 404 login",
    "articles/source/<path:object_id>/history/<int:number>/": "404 404 404 login | 404 404 404 login",
    "articles/source/add/": "403 200 200 login | 403 200 200 login",
    "articles/source/<path:object_id>/history/": "200 200 200 login | 200 200 200 login",
    "articles/source/<path:object_id>/delete/": "403 200 200 login | 403 200 200 login",
    "articles/source/<path:object_id>/change/": "200 200 200 login | 403 200 200 login",
    "articles/source/<path:object_id>/": "302 302 302 login | 302 302 302 login",
    "articles/desk/": "200 200 200 login | 200 200 200 login",
    "articles/desk/add/": "403 200 200 login | 403 200 200 login",
    "articles/desk/<path:object_id>/history/": "200 200 200 login | 200 200 200 login",
    "articles/desk/<path:object_id>/delete/": "403 200 200 login | 403 200 200 login",
    "articles/desk/<path:object_id>/change/": "200 200 200 login | 403 200 200 login",
    "articles/desk/<path:object_id>/": "302 302 302 login | 302 302 302 login",
    "articles/page/": "403 200 200 login | 403 200 200 login",
    "articles/page/add/differences/": "403 404 404 login | 403 200 200 login",
    "articles/page/<path:object_id>/differences/": "403 404 404 login | 403 200 200 login",
    "articles/page/<path:object_id>/history/<int:number>/restore/": "403 404 404 login | 403 404 404 login",
    "articles/page/deleted/": "403 200 200 login | 403 200 200 login",
    "articles/page/deleted/<int:number>/": "403 404 404 login | 403 404 404 login",
    "articles/page/<path:object_id>/history/<int:number>/": "403 404 404 login | 403 404 404 login",
    "articles/page/add/": "403 200 200 login | 403 200 200 login",
    "articles/page/<path:object_id>/history/": "403 200 200 login | 403 200 200 login",
    "articles/page/<path:object_id>/delete/": "403 200 200 login | 403 200 200 login",
    "articles/page/<path:object_id>/change/": "403 200 200 login | 403 200 200 login",
    "articles/page/<path:object_id>/": "302 302 302 login | 302 302 302 login",
    "articles/promo/": "403 200 200 login | 403 200 200 login",
    "articles/promo/add/differences/": "403 404 404 login | 403 200 200 login",
    "articles/promo/<path:object_id>/differences/": "403 404 404 login | 403 200 200 login",
    "articles/promo/<path:object_id>/history/<int:number>/restore/": "403 404 404 login | 403 404 404 login",
    "articles/promo/deleted/": "403 200 200 login | 403 200 200 login",
    "articles/promo/deleted/<int:number>/": "403 404 404 login | 403 404 404 login",
    "articles/promo/<path:object_id>/history/<int:number>/": "403 404 404 login | 403 404 404 login",
    "articles/promo/add/": "403 200 200 login | 403 200 200 login",
    "articles/promo/<path:object_id>/history/": "403 200 200 login | 403 200 200 login",
    "articles/promo/<path:object_id>/delete/": "403 200 200 login | 403 200 200 login",
    "articles/promo/<path:object_id>/change/": "403 200 200 login | 403 200 200 login",
    "articles/promo/<path:object_id>/": "302 302 302 login | 302 302 302 login",
    "articles/licence/": "403 200 200 login | 403 200 200 login",
    "articles/licence/add/differences/": "403 404 404 login | 403 200 200 login",
    "articles/licence/<path:object_id>/differences/": "403 404 404 login | 403 200 200 login",
    "articles/licence/<path:object_id>/history/<int:number>/restore/": "403 404 404 login | 403 404 404 login",
    "articles/licence/deleted/": "403 200 200 login | 403 200 200 login",
    "articles/licence/deleted/<int:number>/": "403 404 404 login | 403 404 404 login",
    "articles/licence/<path:object_id>/history/<int:number>/": "403 404 404 login | 403 404 404 login",
    "articles/licence/add/": "403 200 200 login | 403 200 200 login",
    "articles/licence/<path:object_id>/history/": "403 200 200 login | 403 200 200 login",
    "articles/licence/<path:object_id>/delete/": "403 200 200 login | 403 200 200 login",
    "articles/licence/<path:object_id>/change/": "403 200 200 login | 403 200 200 login",
    "articles/licence/<path:object_id>/": "302 302 302 login | 302 302 302 login",
}


@pytest.fixture
def things() -> dict[str, Any]:
    """One of each model, by its name in addresses."""
    photo = make_photo()
    desk = Desk.objects.create(name="要闻")
    return {
        "articles/article": make_article(desk=desk, photos=[photo], source=make_source()),
        "articles/photo": photo,
        "articles/topic": make_topic(),
        "articles/source": make_source(),
        "articles/desk": desk,
        "articles/page": Page.objects.create(slug="about", title="关于"),
        "articles/promo": Promo.objects.create(title="手机版", url="https://m.example/"),
        "articles/licence": Licence.objects.create(kind="icp", text="鲁ICP备0号"),
        "auth/user": User.objects.create_user("别人"),
        "auth/group": Group.objects.create(name="实习"),
    }


def address_of(route: str, things: dict[str, Any]) -> str:
    """An address that the route serves."""
    if route.startswith("^(?P<app_label>"):
        return "/admin/articles/"
    model = "/".join(route.split("/")[:2])
    number = str(things[model].pk) if model in things else "1"
    route = route.replace("<path:content_type_id>", "0")  # of nothing
    for part in ("<path:object_id>", "<int:number>", "<id>"):
        route = route.replace(part, number)
    return f"/admin/{route.replace('(?P<url>.*)$', 'nowhere')}"


def answer(response: Any) -> str:
    """A cell of the table."""
    to_login = response.get("Location", "").startswith("/admin/login/")
    return "login" if to_login else str(response.status_code)


def test_every_address_of_the_desk_answers_as_it_should(things: dict[str, Any]) -> None:
    people = [*(somebody(group) for group in GROUPS), None]
    clients = [at_the_desk(one) if one else Client() for one in people]
    for route in admin_routes():
        if route == "logout/":  # tried by others, who don't come back
            tried = [at_the_desk(one) if one else Client() for one in people]
        else:
            tried = clients
        address = address_of(route, things)
        said = " | ".join(
            " ".join(answer(getattr(client, method)(address)) for client in tried)
            for method in ("get", "post")
        )
        assert (route, said) == (route, ANSWERS.get(route, "has no line in ANSWERS"))
    assert set(ANSWERS) <= set(admin_routes()), "ANSWERS has lines for what is no more"


@pytest.fixture
def desks() -> tuple[Desk, Desk]:
    """Two desks."""
    return Desk.objects.create(name="社会"), Desk.objects.create(name="文体")


def sent(article: Article, **overrides: Any) -> dict[str, Any]:
    """The article's form, as it is."""
    when = timezone.localtime(article.published_at) if article.published_at else None
    stored = {
        "title": article.title, "body": article.body, "state": article.state,
        "desk": article.desk_id or "", "published_at_0": f"{when:%Y-%m-%d}" if when else "",
        "published_at_1": f"{when:%H:%M:%S}" if when else "",
    }  # fmt: skip
    return form_of(**{**stored, **overrides})


def test_an_editor_writes_and_publishes_for_the_own_desk_alone(desks: tuple[Desk, Desk]) -> None:
    own, other = desks
    editor = at_the_desk(somebody("编辑", own))
    page = editor.get(f"{ARTICLES}add/")
    assert page.context["adminform"].form.initial["desk"] == str(own.pk)
    assert other.name not in page.content.decode()
    assert editor.post(f"{ARTICLES}add/", form_of(desk=own.pk, _publish="1")).status_code == 302
    assert Article.objects.get().state == "published"

    refused = editor.post(f"{ARTICLES}add/", form_of(title="别人的", desk=other.pk, _publish="1"))
    assert refused.status_code == 200
    homeless = editor.post(f"{ARTICLES}add/", form_of(title="没有部门", _publish="1"))
    assert "只能发布本部门的稿件" in homeless.content.decode()
    assert Article.objects.count() == 1


def test_an_editor_looks_at_other_desks_articles_and_changes_none(desks: tuple[Desk, Desk]) -> None:
    own, other = desks
    editor = at_the_desk(somebody("编辑", own))
    for article in (
        make_article(desk=other),
        make_article(),
        make_article(desk=other, state="draft"),
    ):
        address = f"{ARTICLES}{article.pk}/change/"
        html = editor.get(address).content.decode()
        assert article.title in html
        for button in ("_save", "_publish", "_draft", "_withdraw"):
            assert f'name="{button}"' not in html
        assert editor.post(address, sent(article, title="改了")).status_code == 403
        article.refresh_from_db()
        assert article.title != "改了"


def test_a_draft_without_a_desk_is_taken_to_the_own_one(desks: tuple[Desk, Desk]) -> None:
    own, _ = desks
    editor = at_the_desk(somebody("编辑", own))
    draft = make_article(state="draft", published_at=None)
    address = f"{ARTICLES}{draft.pk}/change/"
    assert editor.post(address, {**sent(draft), "desk": own.pk, "_publish": "1"}).status_code == 302
    draft.refresh_from_db()
    assert (draft.state, draft.desk) == ("published", own)


def test_an_editor_cannot_withdraw_nor_correct(desks: tuple[Desk, Desk]) -> None:
    own, _ = desks
    editor = at_the_desk(somebody("编辑", own))
    article = make_article(desk=own)
    address = f"{ARTICLES}{article.pk}/change/"
    html = editor.get(address).content.decode()
    assert 'name="_withdraw"' not in html
    assert 'name="withdrawal_reason"' not in html
    for forged in ({"_withdraw": "1"}, {"state": "withdrawn"}):
        form = {**sent(article), "withdrawal_reason": "伪造", **forged}
        assert editor.post(address, form).status_code == 403
    note = {"corrections-TOTAL_FORMS": 1, "corrections-0-kind": "correction",
            "corrections-0-text": "伪造", "corrections-0-published_at_0": "2026-01-01",
            "corrections-0-published_at_1": "00:00", "_save": "1"}  # fmt: skip
    assert editor.post(address, sent(article, **note)).status_code == 302
    article.refresh_from_db()
    assert article.state == "published"
    assert not Correction.objects.exists()
    assert at_the_desk(somebody("主编")).post(address, sent(article, **note)).status_code == 302
    assert Correction.objects.get().text == "伪造"


def test_a_chief_works_at_every_desk(desks: tuple[Desk, Desk]) -> None:
    _, other = desks
    chief = at_the_desk(somebody("主编"))
    article = make_article(desk=other)
    address = f"{ARTICLES}{article.pk}/change/"
    assert 'name="_withdraw"' in chief.get(address).content.decode()
    form = sent(article, _withdraw="1", withdrawal_reason="数据有误。")
    assert chief.post(address, form).status_code == 302
    article.refresh_from_db()
    assert article.state == "withdrawn"


@pytest.mark.parametrize(
    ("group", "state", "may"),
    [
        ("编辑", "draft", False), ("主编", "draft", True), ("主编", "published", False),
        ("管理员", "published", False), ("管理员", "withdrawn", False),
    ],
)  # fmt: skip
def test_what_readers_have_had_is_deleted_by_nobody(group: str, state: str, may: bool) -> None:
    article = make_article(state=state)
    client = at_the_desk(somebody(group))
    asked = client.get(f"{ARTICLES}{article.pk}/delete/")
    assert asked.status_code == (200 if may else 403)
    client.post(f"{ARTICLES}{article.pk}/delete/", {"post": "yes"})
    assert Article.objects.exists() is not may


def test_an_administrator_does_not_reach_above_the_rules() -> None:
    above = User.objects.create_superuser("above")
    administrator = at_the_desk(somebody("管理员"))
    assert administrator.post(f"/admin/auth/user/{above.pk}/password/", {}).status_code == 403
    assert administrator.post(f"/admin/auth/user/{above.pk}/delete/", {}).status_code == 403
    page = administrator.get(f"/admin/auth/user/{somebody('编辑').pk}/change/").content.decode()
    assert 'name="is_superuser"' not in page


def test_a_new_login_may_come_in(client: Client) -> None:
    administrator = at_the_desk(somebody("管理员"))
    weak = {"username": "新人", "password1": "1234", "password2": "1234", "usable_password": "true"}
    html = administrator.post("/admin/auth/user/add/", weak).content.decode()
    assert "密码太短，至少要有 10 个字符。" in html
    good = {**weak, "password1": "海边栈桥的第一班车站", "password2": "海边栈桥的第一班车站"}
    administrator.post("/admin/auth/user/add/", good)
    assert User.objects.get(username="新人").is_staff


def test_permissions_have_chinese_names() -> None:
    administrator = at_the_desk(somebody("管理员"))
    group = Group.objects.get(name="编辑")
    html = administrator.get(f"/admin/auth/group/{group.pk}/change/").content.decode()
    assert "稿件：修改" in html
    assert "稿件：发布稿件" in html
    assert "Can " not in html


@pytest.fixture
def found() -> Callable[[Client, str], list[str]]:
    """The names of the bulk actions that a list offers."""

    def names(client: Client, address: str) -> list[str]:
        form = client.get(address).context["action_form"]
        return [name for name, _ in form.fields["action"].choices if name]

    return names


def test_bulk_actions_are_those_of_the_group(found: Callable[[Client, str], list[str]]) -> None:
    make_article()
    topics = ["add_topic", "remove_topic"]
    editor = somebody("编辑", Desk.objects.create(name="社会"))
    assert found(at_the_desk(editor), ARTICLES) == ["publish", *topics]
    assert found(at_the_desk(somebody("主编")), ARTICLES) == ["publish", "withdraw", *topics]
