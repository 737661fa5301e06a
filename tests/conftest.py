"""What all tests stand on: plain static files, media in a scratch place, readers' browsers."""

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, expect, sync_playwright
from pytest_django import DjangoDbBlocker

from articles.models import Photo
from tests import chromium
from tests.commands import Process, Start, started
from tests.kinds import PHONE_AGENT as PHONE
from tests.serving import PATIENCE_SECONDS

AT_COMMIT = (
    "articles_index_new", "articles_index_changed", "articles_index_topics",
    "articles_use_photo_new", "articles_use_photo_changed", "articles_use_photo_gone",
)  # fmt: skip


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let sessions that are ending end, however busy the disk: DROP DATABASE waits five seconds.

    One that a test has left open stays, and fails the run.
    """
    yield
    give_up = time.monotonic() + PATIENCE_SECONDS
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        while time.monotonic() < give_up:
            cursor.execute(
                "SELECT FROM pg_stat_activity WHERE datname = current_database()"
                " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            if not cursor.rowcount:
                break
            time.sleep(0.1)


@pytest.fixture(autouse=True)
def scratch_files(
    settings, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Media of a test vanish with it; static files are served under their own names."""
    folder = tmp_path_factory.mktemp("files")
    settings.MEDIA_ROOT = folder / "media"
    settings.READS_ROLL_UP_SECONDS = 0  # no thread may outlive a test's database
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    files = "articles.storage.WholeFiles"
    settings.STORAGES = {
        "default": {"BACKEND": files, "OPTIONS": {"allow_overwrite": True}},
        "originals": {
            "BACKEND": files,
            "OPTIONS": {"location": folder / "originals", "allow_overwrite": True},
        },
        "staticfiles": {"BACKEND": plain},
    }
    # A field asks for its storage once, when the models are loaded.
    monkeypatch.setattr(Photo._meta.get_field("original"), "storage", storages["originals"])


@pytest.fixture(autouse=True)
def settled_at_once(request: pytest.FixtureRequest) -> None:
    """Some triggers wait for a transaction to commit; most tests never do, so for them at once."""
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        if connection.in_atomic_block:
            with connection.cursor() as cursor:
                cursor.execute(f"SET CONSTRAINTS {', '.join(AT_COMMIT)} IMMEDIATE")


@pytest.fixture
def media(settings) -> Path:
    """Where the test's renditions lie."""
    return Path(settings.MEDIA_ROOT)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a process on the tests' database, with files of its own; it ends with the test."""
    running: list[Process] = []

    def run(*arguments: str) -> Process:
        running.append(started(tmp_path, *arguments))
        return running[-1]

    yield run
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, one for the session."""
    found = chromium.found()
    if found is None:
        pytest.fail("REQUIRE_BROWSER=1, but there is no Chromium on this machine")
    expect.set_options(timeout=PATIENCE_SECONDS * 1000)  # a busy machine answers late
    # Playwright's event loop would make Django refuse the database in this thread.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=found,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        yield launched
        launched.close()


@pytest.fixture
def phone() -> Client:
    """A reader with a phone."""
    return Client(headers={"user-agent": PHONE})


@pytest.fixture
def text_of() -> Callable[[str], str]:
    """The words of a page without its markup."""

    def words(html: str) -> str:
        return " ".join(re.sub(r"<[^>]*>", " ", html).split())

    return words
