"""What is said of a backup or a restore: how far it is, and why it can't go on."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from articles.outages import reason


class Trouble(Exception):
    """A backup or a restore can't go on; the text says why, and what to do."""


ELSEWHERE = (
    "图片放在对象存储里（MEDIA_STORAGE=s3），这个命令管不到它们：请用 pg_dump、pg_restore 备份和"
    "恢复数据库，用存储服务自己的版本和复制功能备份两个桶，做法见 docs/scaling.md。什么也没有动。"
)


class Stage(StrEnum):
    """What is being done, as it is told."""

    PHOTOS = "复制图片"
    DATABASE = "导出数据库"
    VERIFYING = "核对备份"
    FILES = "写入图片"
    ROWS = "写入数据库"
    INDEXES = "建立索引"


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Say of an OSError in here what it kept from being done, and where."""
    try:
        yield
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        raise Trouble(f"{what}：{reason(error)}{where}") from error
