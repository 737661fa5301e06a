"""Requests without end, the same ones for the same seed, and the judge of what is answered."""

# ruff: noqa: E501  # tables

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from lxml import html as lxml_html

from tests.hostile import addresses, naughty
from tests.hostile.archive import EDITOR, SUPERUSER
from tests.hostile.asking import FORM, Answer, Asked, Site, form_body, parts_body
from tests.hostile.keeping import Kept
from tests.kinds import PHONE_AGENT

AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0",
    PHONE_AGENT,
    "",
    "Googlebot/2.1",
    "\x80\xff",
    "x" * 3000,
)
METHODS = ("GET",) * 12 + (
    "HEAD",
    "HEAD",
    "POST",
    "POST",
    "OPTIONS",
    "PUT",
    "DELETE",
    "PATCH",
    "TRACE",
    "get",
    "FOO",
)
# Of headers that something reads: Django, WhiteNoise, our cache and beacon, gunicorn.
HEADERS = (
    "Accept", "Accept-Language", "Accept-Encoding", "Referer", "Cookie", "If-None-Match", "If-Modified-Since",
    "Range", "X-Forwarded-For", "X-Forwarded-Proto", "X-Requested-With", "Origin", "Sec-Fetch-Site", "Sec-Purpose",
    "Sec-CH-UA-Mobile", "Authorization", "Content-Type", "Forwarded", "Via", "DNT", "Save-Data", "X-CSRFToken", "Host", "Accept-Datetime",
)  # fmt: skip
FITTING = (
    "text/html", "application/json", "text/css", "*/*;q=0.1", "gzip;q=1.0, br;q=nan", "br", "identity;q=0", "zh-TW,zh;q=",
    'W/"x"', '"' * 300, "*", "Thu, 01 Jan 1970 00:00:00 GMT", "Sat, 31 Feb 9999 99:99:99 GMT", "bytes=0-0,5-,-3",
    "bytes=99999999999999999999-", "device=mobile", "device=; sessionid=x; sessionid=", "theme=x; size=\"", "=;;=",
    "sessionid=" + "a" * 300, "csrftoken=%00", "same-origin", "https", "http,https", "1.2.3.4, ::1, unknown", "::ffff",
    "multipart/form-data", "multipart/form-data; boundary=" + "b" * 300, "application/x-www-form-urlencoded; charset=utf-7",
    "text/plain; charset=none", "null", "?1", "prefetch", "Basic %%%", "canary.example", "127.0.0.1:99999", "[::1",
)  # fmt: skip

# What no page may show: of Python, Django, PostgreSQL, this machine.
INSIDE = re.compile(
    r"Traceback \(most recent|File \"/|psycopg|django\.(?:core|db|http|contrib|views)|site-packages|"
    r"<class '|object at 0x|(?:Operational|Programming|Data|Integrity|Unicode\w+|Type|Value|Attribute|Key)Error\b|"
    r"DoesNotExist|MultiValueDict|SELECT \"|LINE \d+:|SQLSTATE|" + re.escape(str(settings.BASE_DIR))
)  # fmt: skip
# Answers that may come of a POST that changed something and is no redirection.
_CHANGING = re.compile(
    r"/(?:reads/\d+|admin/articles/article/[^/]+/presence|admin/articles/photo/upload)/"
)


@dataclass
class Judge:
    """Sends requests and notes what must not be; after a change, what was kept is put back."""

    site: Site
    kept: Kept
    asked: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    changes: int = 0

    def ask(self, asked: Asked) -> Answer:
        """Send it, look at everything, answer."""
        self.asked += 1
        try:
            answer = self.site(asked)
        except Exception as error:  # whatever it is, it is no answer
            self._note(asked, f"no answer: {error!r}")
            return Answer(0, [], b"")
        self.statuses[answer.status] += 1
        for wrong in _wrong(asked, answer):
            self._note(asked, wrong)
        changed = self.kept.changed()
        if changed:
            if not _accepts(asked, answer) and changed != ["axes_accessattempt"]:
                self._note(asked, f"{answer.status} and changed {changed}")
            self.changes += 1
            self.kept.restore(changed)
        return answer

    def _note(self, asked: Asked, wrong: str) -> None:
        self.faults.append(f"{wrong} <- {asked}")


def _wrong(asked: Asked, answer: Answer) -> Iterator[str]:
    if answer.status >= 500:
        yield f"status {answer.status} {answer.why}"
    # Figures count the database's errors by kind, for those inside alone (ADR 0026).
    within = asked.target.startswith("/metrics")
    if not within and (shown := INSIDE.search(answer.text)) and shown[0] not in str(asked):
        yield f"shows {shown[0]!r}"
    if answer.header("X-Canary"):
        yield "a header of the stranger's"
    if re.match(r"(?:https?:)?[/\\]{2}canary", answer.header("Location")):
        yield "leads to the stranger's site"
    if (
        "application/json" in answer.header("Content-Type")
        and answer.body
        and asked.method != "HEAD"
    ):
        import json

        try:
            json.loads(answer.text)
        except ValueError:
            yield "is no JSON"


def _accepts(asked: Asked, answer: Answer) -> bool:
    """Whether a request that changed something was let through, and said so."""
    if asked.method != "POST":
        return False
    if answer.status in (302, 303):
        return "/login/" not in answer.header("Location")
    return answer.status in (200, 204) and bool(_CHANGING.search(asked.target))


def session(username: str) -> str:
    """The key of a new session of somebody's, made without the note in their row that they came."""
    user = User.objects.get(username=username)
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return str(store.session_key)


class Fuzz:
    """All kinds of requests over one archive."""

    def __init__(self, site: Site, seed: int) -> None:
        """Keep what the archive holds; log in."""
        self.random = Random(seed)
        self.known = addresses.Known()
        self.sessions = {name: session(name) for name in (SUPERUSER, EDITOR)} | {"": ""}
        self.judge = Judge(site, Kept())
        self._renewed = 0

    def run(self, least: int) -> Judge:
        """Every route in both scripts in turn, and forms between them, until so many were sent."""
        while self.judge.asked < least:
            for route in self._shuffled(addresses.routes()):
                self._route(route)
                if self.random.random() < 0.35:
                    self._form()
                if self.judge.asked >= least:
                    break
        return self.judge

    def _shuffled(self, routes: Sequence[addresses.Route]) -> Sequence[addresses.Route]:
        return self.random.sample(routes, len(routes))

    def _who(self, *, desk: bool) -> str:
        return self.random.choice((SUPERUSER, EDITOR, "") if desk else ("", "", "", EDITOR))

    def _session(self, who: str) -> str:
        """Who it is; anew where a request has ended the session, for logging out is one, too."""
        if who and not SessionStore(self.sessions[who]).load():
            self.sessions[who] = session(who)
        return self.sessions[who]

    def _route(self, route: addresses.Route) -> None:
        """One address of this route: any method, query, headers."""
        random = self.random
        method = random.choice(METHODS)
        headers = self._headers()
        body = b""
        if method in ("POST", "PUT", "PATCH"):
            kind, body = self._junk()
            headers.setdefault("Content-Type", kind)
        target = addresses.path(route, self.known, random) + addresses.query(random)
        self.judge.ask(
            Asked(method, target, headers, body, self._session(self._who(desk=route.desk)))
        )

    def _headers(self) -> dict[str, str]:
        random = self.random
        headers = {"User-Agent": random.choice(AGENTS[:2] if random.random() < 0.8 else AGENTS)}
        for _ in range(random.choice((0, 0, 1, 3))):
            name = random.choice(HEADERS)
            value = random.choice(FITTING) if random.random() < 0.7 else naughty.value(random)
            headers[name] = re.sub(r"[\r\n]+", " ", value)[:4000]
        return headers

    def _junk(self) -> tuple[str, bytes]:
        """A body that belongs to no form."""
        random = self.random
        fields = [
            (random.choice(addresses.parameters()), naughty.text(random))
            for _ in range(random.choice((0, 1, 5)))
        ]
        kinds: Sequence[Callable[[], tuple[str, bytes]]] = (
            lambda: (FORM, form_body(fields)),
            lambda: (FORM, form_body([("a", "1")] * 1500)),
            lambda: (FORM, b"%ff=%fe&%00=%00&=&&&" + b"a" * 100),
            lambda: ("application/json", b'{"a":' * 50),
            lambda: tuple(
                reversed(parts_body(fields, [("files", naughty.value(random), b"GIF89a")]))
            ),  # type: ignore[arg-type, return-value]
            lambda: (
                "multipart/form-data; boundary=x",
                b'--x\r\nContent-Disposition: form-data; name="a',
            ),
            lambda: ("multipart/form-data; boundary=x", b"--y\r\n\r\n--x--"),
        )
        return random.choice((*kinds[:1] * 4, *kinds))()

    def _form(self) -> None:
        """A form of the desk as it is shown, some fields odd, sent by somebody."""
        random = self.random
        model = random.choice(list(admin.site._registry))
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        key = random.choice(self.known.keys[base.removeprefix("/admin/")] or [1])
        page = random.choice((base, f"{base}add/", f"{base}{key}/change/", f"{base}{key}/change/", f"{base}{key}/delete/",
                              *_MORE.get(base, ()))).format(key=key)  # fmt: skip
        shown = self.judge.ask(
            Asked("GET", page, {"User-Agent": AGENTS[0]}, session=self._session(SUPERUSER))
        )
        fields = _fields(shown)
        if shown.status != 200 or not fields:
            return
        sent = self._spoiled(fields, page == base)
        who = random.choice((SUPERUSER, SUPERUSER, EDITOR, ""))
        target = page + (addresses.query(random) if random.random() < 0.1 else "")
        kind, body = FORM, form_body(sent)
        if random.random() < 0.15 or "photo" in base:
            files = [
                (
                    "file",
                    naughty.value(random).replace('"', ""),
                    random.choice((b"", b"GIF89a", b"<svg/>")),
                )
            ]
            body, kind = parts_body(sent, files)
        self.judge.ask(
            Asked(
                "POST",
                target,
                {"User-Agent": AGENTS[0], "Content-Type": kind},
                body,
                self._session(who),
            )
        )

    def _spoiled(self, fields: list[tuple[str, str]], is_list: bool) -> list[tuple[str, str]]:
        """The fields with some odd, one gone, one twice."""
        random = self.random
        sent = list(fields)
        if is_list:
            keys = [key for keys in self.known.keys.values() for key in keys]
            sent += [("action", random.choice((*_actions(), naughty.value(random))))]
            sent += [
                ("_selected_action", str(random.choice(keys)))
                for _ in range(random.choice((0, 1, 3)))
            ]
            sent += [("_selected_action", naughty.value(random))] * random.choice((0, 0, 1))
            sent += random.choice(_CONFIRMED)
        names = [name for name, _ in sent]
        for _ in range(random.choice((0, 1, 1, 2, 4, 30))):
            place = random.randrange(len(sent))
            sent[place] = sent[place][0], naughty.text(random)
        if random.random() < 0.2:
            del sent[random.randrange(len(sent))]
        if random.random() < 0.1 and sent:
            sent.append((random.choice(names), naughty.text(random)))
        sent += [(random.choice(_BUTTONS), "1")]
        return sent


_CONFIRMED: Sequence[list[tuple[str, str]]] = (
    [], [("post", "yes")], [("index", "0")], [("_save", "1")],
    [("confirmed", "1"), ("reason", "未经核实"), ("topic", "1")],
)  # fmt: skip
_BUTTONS = (
    "_save", "_continue", "_addanother", "_saveasnew", "_draft", "_publish", "_schedule", "_unschedule", "_withdraw", "_restore",
)  # fmt: skip
# Pages with forms beside every model's own: their addresses; and where a form is sent that has none.
_MORE = {
    "/admin/articles/photo/": ("/admin/articles/photo/describe/?id={key}&id=2",),
    "/admin/auth/user/": (
        "/admin/auth/user/{key}/password/",
        "/admin/password_change/",
        "/admin/login/",
    ),
}


def _actions() -> list[str]:
    """The names of all actions on lists, Django's own too."""
    named = [each for desk in admin.site._registry.values() for each in desk.actions]
    return ["delete_selected", "", *(str(getattr(each, "__name__", each)) for each in named)]


def _fields(answer: Answer) -> list[tuple[str, str]]:
    """The fields of a page's largest form that is posted, as a browser would send them."""
    if not answer.body.strip():
        return []
    forms = [
        form
        for form in lxml_html.document_fromstring(
            answer.body, lxml_html.HTMLParser(encoding="utf-8")
        ).forms
        if form.method == "POST"
    ]
    found = max((list(form.form_values()) for form in forms), key=len, default=[])
    return [(name, value or "") for name, value in found]
