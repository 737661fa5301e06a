"""What the log looks like: lines for people, or JSON for programs; the same for gunicorn."""

import logging
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from articles.seeing import requests

# Objects that Django hands along: a request would be written with its whole address.
_LEFT_OUT = ("request", "server_time", "taskName")


class Numbered(logging.Filter):
    """Says of every record which request it belongs to."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        record.request_id = requests.current()
        return True


class Lines(JsonFormatter):
    """One JSON object a line: time, level, logger, message, request_id, and what is extra."""

    def __init__(self) -> None:
        super().__init__(
            "{levelname}{name}{message}{request_id}", style="{", timestamp="time",
            rename_fields={"levelname": "level", "name": "logger"},
            reserved_attrs=[*RESERVED_ATTRS, *_LEFT_OUT], json_ensure_ascii=False,
        )  # fmt: skip


def configuration(form: str, level: str) -> dict[str, Any]:
    """Everything to standard error, as `logging.config.dictConfig` takes it."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"numbered": {"()": "articles.seeing.logs.Numbered"}},
        "formatters": {
            "text": {
                "format": "%(asctime)s %(levelname)s %(name)s [%(request_id).8s] %(message)s"
            },
            "json": {"()": "articles.seeing.logs.Lines"},
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler", "formatter": form, "filters": ["numbered"],
            },
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # A page of stack for every stranger who asks for another name is of no use.
            "django.security.DisallowedHost": {"level": "CRITICAL", "propagate": False},
            "gunicorn.error": {"level": "WARNING", "propagate": True, "handlers": []},
        },
    }  # fmt: skip
