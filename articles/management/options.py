"""What several commands may be told."""

import os
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path

from articles import text

# More of them would wait for the database.
MOST_PROCESSES = 8


def add_processes(parser: ArgumentParser) -> None:
    """How many processes work at once: `--processes`."""
    parser.add_argument(
        "--processes",
        type=_processes,
        metavar="进程数",
        default=min(os.cpu_count() or 1, MOST_PROCESSES),
        help=f"同时用几个进程，1 到 {MOST_PROCESSES}；默认每个处理器核心一个",
    )


def add_overwrite(parser: ArgumentParser) -> None:
    """Whether what comes in replaces what an editor has changed: `--overwrite`."""
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="编辑改过的稿件也照来稿更新，编辑的改动只留在历史里（默认不动它们，写进退回的文件）",
    )


def add_file(parser: ArgumentParser, flag: str, default: str, what: str) -> None:
    """A file that is written, and where if nothing is said; `what`: what is written there."""
    parser.add_argument(
        flag, type=Path, metavar="文件", default=Path(default),
        help=f"{what}写到哪里（默认 {default}）",
    )  # fmt: skip


def whole(said: str, most: int) -> int:
    """A whole number from 1 to `most`; raises ArgumentTypeError."""
    number = text.number(said, most)
    if not number:
        raise ArgumentTypeError(f"要 1 到 {most} 之间的整数，不是“{said}”")
    return number


def _processes(said: str) -> int:
    return whole(said, MOST_PROCESSES)
