"""What is said of freezing: how far it is, and why it can't go on."""

from enum import StrEnum


class Trouble(Exception):
    """The site can't be frozen; the text says what is wrong and what to do."""


class Stage(StrEnum):
    """What is being done, as it is told."""

    NOTING = "清点稿件"
    PAGES = "冻结网页"
    FINDING = "做搜索索引"
    FILES = "复制图片和静态文件"
    LINKS = "核对链接"
    RECORDS = "写 WARC"
    INDEX = "编 WACZ 的索引"
