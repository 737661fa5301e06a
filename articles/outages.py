"""Which errors mean that the database or the disk can't at the moment, and not that we are wrong.

The one who waits can be told to come again, and an editor that nothing is lost. PostgreSQL's codes:
https://www.postgresql.org/docs/current/errcodes-appendix.html.
"""

import errno
from enum import Enum

from django.db import Error, InterfaceError, OperationalError

# How long browsers and search engines are asked to wait for a database that is away.
RETRY_AFTER_SECONDS = 5


class Outage(Enum):
    """What is amiss, as one would tell an editor."""

    AWAY = "数据库暂时连不上，或者答得太慢。"
    READ_ONLY = "数据库暂时只能读、不能写：现在看得了，存不了。"
    BUSY = "刚才有别的操作正占着同样的内容。"
    FULL = "服务器的磁盘满了，什么都写不进去，请告诉管理员。"


_BY_CODE = {
    "25006": Outage.READ_ONLY,  # read_only_sql_transaction, also on a standby
    "25P03": Outage.AWAY,  # idle_in_transaction_session_timeout
    "25P04": Outage.AWAY,  # transaction_timeout
    "40001": Outage.BUSY,  # serialization_failure
    "40P01": Outage.BUSY,  # deadlock_detected
    "55P03": Outage.BUSY,  # lock_not_available: lock_timeout
    "42501": Outage.AWAY,  # insufficient_privilege: what readers may see is made anew (ADR 0023)
    "53100": Outage.FULL,  # disk_full
}
_REASONS = {
    errno.ENOSPC: "磁盘满了",
    errno.EDQUOT: "磁盘配额用完了",
    errno.EFBIG: "文件超过了允许的大小",
    errno.EACCES: "没有权限",
    errno.EPERM: "不允许",
    errno.EROFS: "磁盘是只读的",
    errno.EIO: "磁盘读写出错",
    errno.ENOENT: "不存在",
    errno.ENOTDIR: "不是文件夹",
    errno.EISDIR: "是文件夹，不是文件",
    errno.EBUSY: "正被使用",
    errno.ENAMETOOLONG: "名字太长",
}
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


def outage(error: BaseException | None) -> Outage | None:
    """What an error says is amiss, itself or by what it came from; None for a fault of ours."""
    while error is not None:
        found = _told(error)
        if found:
            return found
        error = error.__cause__  # what was asked in a transaction that had failed names its failure
    return None


def _told(error: BaseException) -> Outage | None:
    if isinstance(error, OSError):
        return Outage.FULL if error.errno in _FULL else None
    if not isinstance(error, Error):
        return None
    coded = _BY_CODE.get(getattr(error.__cause__, "sqlstate", None) or "")
    # Whatever else isn't about what was asked: no connection, no memory, a statement cut short.
    return coded or (Outage.AWAY if isinstance(error, OperationalError | InterfaceError) else None)


def reason(error: OSError) -> str:
    """Why the system refused a file or a folder, in Chinese where we know it."""
    return _REASONS.get(error.errno or 0, error.strerror or str(error))
