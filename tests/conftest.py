"""What all tests stand on: plain static files, media in a scratch place, readers' browsers."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.test import Client

from articles.models import Photo

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1"
)


@pytest.fixture(autouse=True)
def scratch_files(
    settings, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Media of a test vanish with it; static files are served under their own names."""
    folder = tmp_path_factory.mktemp("files")
    settings.MEDIA_ROOT = folder / "media"
    settings.READS_ROLL_UP_SECONDS = 0  # no thread may outlive a test's database
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    files = "django.core.files.storage.FileSystemStorage"
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


@pytest.fixture
def media(settings) -> Path:
    """Where the test's renditions lie."""
    return Path(settings.MEDIA_ROOT)


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
