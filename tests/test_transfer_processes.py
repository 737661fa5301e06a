"""Imports as real processes: standard input, two at once, killed halfway, memory."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process]

MANAGE = (sys.executable, str(Path(settings.BASE_DIR) / "manage.py"))

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a process on the tests' database, with files of its own."""
    parameters = connection.settings_dict
    address = psycopg.conninfo.make_conninfo(**connection.get_connection_params_for_psycopg())
    assert parameters["NAME"] in address
    running: list[subprocess.Popen[bytes]] = []

    def run(*arguments: str, **options: Any) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            arguments,
            cwd=tmp_path,
            env={**os.environ, "DATABASE_URL": address, "VAR_DIR": str(tmp_path / "var")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.communicate()
