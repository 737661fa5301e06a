"""A deploy under load: the migration first, old and new code side by side, then the new alone."""

import time

from tests.chaos.load import Browser, Load
from tests.chaos.running import Site

NEWER = {"DJANGO_SETTINGS_MODULE": "tests.chaos.newer.settings"}


def there_and_back(site: Site, load: Load) -> None:
    """To the next version while the old one serves, and back again from it."""
    site.run("manage.py", "migrate", "--verbosity=0", **NEWER)
    if not _columns(site):
        load.fault("deploy", "no migration has run")
    newer = site.gunicorn_of(**NEWER)
    newer.start()
    _both(site, load, newer.port)
    site.replace_gunicorn(newer)
    _named(site, load, "信网新版")
    older = site.gunicorn_of()
    older.start()
    _both(site, load, older.port)
    site.replace_gunicorn(older)
    _named(site, load, "信网")
    site.run("manage.py", "migrate", "newer", "zero", "--verbosity=0", **NEWER)
    if _columns(site):
        load.fault("deploy", "the migration was not undone")


def _columns(site: Site) -> int:
    """How many the migration has added."""
    ((columns,),) = site.sql(
        "SELECT count(*) FROM information_schema.columns"
        " WHERE table_name = 'articles_article' AND column_name = 'note'"
    )
    return int(columns)


def _both(site: Site, load: Load, port: int) -> None:
    """Two versions on one database, both asked."""
    other = Browser(port, "127.0.7.1")
    until = time.monotonic() + 1
    while time.monotonic() < until:
        reply = other.ask(f"/topic/huati/?before={next(site.numbers)}-1")
        if reply.status != 200:
            load.fault("deploy", f"the new one beside the old: {reply.status} {reply.text[:200]}")
    other.close()


def _named(site: Site, load: Load, name: str) -> None:
    """Which version answers a page that nobody has."""
    browser = Browser(site.port, "127.0.7.2")
    reply = browser.ask(f"/topic/huati/?before={next(site.numbers)}-1")
    if f"- {name}</title>" not in reply.text:
        load.fault("deploy", f"{name} doesn't answer: {reply.status}")
    browser.close()
