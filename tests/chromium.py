"""Where Chromium is that the tests drive."""

import shutil

# Without a window of its own it draws the same pages in three quarters of the time.
_SHELL = "chromium-headless-shell"
_WHOLE = ("chromium", "chromium-browser", "google-chrome")


def found(*, whole: bool = False) -> str | None:
    """The program; None where there is none. `whole`: with all that a person's browser has."""
    names = _WHOLE if whole else (_SHELL, *_WHOLE)
    return next(filter(None, map(shutil.which, names)), None)
