"""The command `create_reader_role`."""

import os
import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any
from urllib.parse import quote

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError, connection
from psycopg.errors import InsufficientPrivilege

from articles import readerrole
from articles.management.options import whole

VARIABLE = "READER_PASSWORD"
MOST_CONNECTIONS = 10_000
ANY_NUMBER = -1


class Command(BaseCommand):
    """Make the role of a process that serves readers alone, or bring it up to date."""

    help = (
        "建立（或更新）读者进程用的数据库角色：只能读公开的内容、记阅读量。"
        f"口令取自环境变量 {VARIABLE} 或标准输入；都没有时不改口令。可以重复运行。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Its name and bounds."""
        parser.add_argument("--name", default="xinwang_reader", metavar="角色名", help="角色名")
        parser.add_argument(
            "--password-stdin", action="store_true", help="从标准输入读口令（一行）"
        )
        parser.add_argument(
            "--connections",
            type=lambda said: whole(said, MOST_CONNECTIONS),
            default=ANY_NUMBER,
            metavar="连接数",
            help="最多同时有几个连接；默认不限",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what became of it, and what the process has to be told."""
        password = _password(from_stdin=options["password_stdin"])
        try:
            made = readerrole.create(options["name"], password, options["connections"])
        except readerrole.Refused as error:
            raise CommandError(str(error)) from error
        except ProgrammingError as error:
            if not isinstance(error.__cause__, InsufficientPrivilege):
                raise
            raise CommandError(
                f"没有权限（{error}）：请用数据库超级用户的 DATABASE_URL 运行这条命令"
            ) from error
        self.stdout.write(f"角色 {made.name} {'已建立' if made.is_new else '已更新'}")
        if made.is_new and password is None:
            self.stdout.write("它没有口令，只能以 peer、cert 等方式登录")
        for sentence in made.lacking:
            self.stdout.write(self.style.WARNING(sentence))
        self.stdout.write("读者进程的环境变量（口令自己填上，特殊字符用 % 编码）：")
        self.stdout.write("XINWANG_SERVE=public")
        self.stdout.write(f"DATABASE_URL={_address(made.name)}")


def _password(*, from_stdin: bool) -> str | None:
    """The password that was given, if any."""
    if not from_stdin:
        return os.environ.get(VARIABLE) or None
    if sys.stdin.isatty():
        return getpass("口令：") or None
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise CommandError("标准输入里没有口令")
    return line


def _address(role: str) -> str:
    """A DATABASE_URL of this database for the role, where it has to say a password."""
    named = connection.settings_dict
    host, port = str(named["HOST"] or ""), str(named["PORT"] or "")
    database = quote(str(named["NAME"]), safe="")
    if not host or host.startswith("/"):
        socket = host or connection.connection.info.host
        place = f"?host={quote(socket, safe='/')}" if socket else ""
        return f"postgresql://{role}:口令@/{database}{place}"
    at = f"[{host}]" if ":" in host else host
    return f"postgresql://{role}:口令@{at}{f':{port}' if port else ''}/{database}"
