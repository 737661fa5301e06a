"""Who and what articles are by, from and about: invented names, and how often each occurs."""

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from urllib.parse import quote

from articles.corpus.vocabulary import SEED

EDITORS = 300


@dataclass(frozen=True)
class Named:
    """A topic: its name, the name in its address, what it says of itself, where it is shown."""

    name: str
    slug: str
    description: str = ""
    in_navigation: bool = False
    featured: bool = False
    pictures: bool = False


# The desks, and by section: its share of all articles and the desk that fills it.
DESKS = ("要闻", "社会", "经济", "文体", "摄影")
SECTIONS = (
    (Named("民生", "minsheng", "柴米油盐，衣食住行", in_navigation=True), 0.300, 1),
    (Named("青岛话题", "huati", "这座城市正在谈论的事", True, featured=True), 0.160, 0),
    (Named("财经", "caijing", "码头、工厂与街边的生意", in_navigation=True), 0.110, 2),
    (Named("体育", "tiyu", "球场、跑道与白帆", in_navigation=True), 0.080, 3),
    (Named("文化", "wenhua", "戏台、书架与老房子", in_navigation=True), 0.065, 3),
    (Named("教育", "jiaoyu", "课堂内外"), 0.055, 1),
    (Named("海洋", "haiyang", "渔港、科考与脚下的潮水", in_navigation=True), 0.045, 0),
    (Named("旅游", "lvyou", "山海之间"), 0.040, 3),
    (Named("健康", "jiankang", "门诊内外"), 0.035, 1),
    (Named("深度报道", "shendu", "走到事情里面去", True, featured=True), 0.030, 0),
    (Named("天气", "tianqi", "风、雾、潮、雪"), 0.025, 1),
    (Named("精彩美图", "meitu", "镜头里的山海", in_navigation=True, pictures=True), 0.020, 4),
)
PICTURES = len(SECTIONS) - 1
_SECTION_SHARES = list(itertools.accumulate(share for _, share, _ in SECTIONS))
# What some articles of any section are about, too; the first most often.
SUBJECTS = (
    "楼市", "医保", "公交", "就业", "养老", "垃圾分类", "社区", "食品安全", "港口", "高铁",
    "渔业", "帆船", "足球", "篮球", "游泳", "马拉松", "图书馆", "博物馆", "戏曲", "电影", "摄影",
    "书法", "非遗", "老街", "幼儿园", "中考", "职业教育", "大学", "家长课堂", "疫苗", "中医",
    "急救", "献血", "供暖", "供水", "燃气", "台风", "赶海", "潮汐", "海水浴场", "海洋牧场",
    "外贸", "家电", "轨道装备", "数字经济", "农产品", "夜市", "消费维权",
)  # fmt: skip
# What has a topic of its own in some years, with few articles or many.
EVENTS = ("防汛", "高考", "两会", "开海", "帆船周", "惠民演出季")
EVENT_TOPICS = 60
_MOST_OF_AN_EVENT, _FEWEST_OF_AN_EVENT = 3000, 5

_PLACES = ("琴屿", "汇泉湾", "浮山", "小麦岛", "崂东", "胶海", "团岛", "石湾")
_PAPERS = ("日报", "晚报", "早报", "都市报", "新闻网")
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
_GIVEN = "海涛云帆晓明文静雨桐思远嘉禾知夏立言若水清扬亦凡景行书瑶安澜"


@cache
def topics(end: date) -> Sequence[Named]:
    """All topics, numbered from 1: sections, subjects, events of the ten years up to `end`."""
    events = (f"{end.year - n % 10}年{EVENTS[n // 10]}" for n in range(EVENT_TOPICS))
    return (
        *(section for section, _, _ in SECTIONS),
        *(Named(name, name) for name in (*SUBJECTS, *events)),
    )


def topic_paths(end: date) -> list[str]:
    """The topics' addresses, quoted."""
    return [f"/topic/{quote(topic.slug)}/" for topic in topics(end)]


def event_size(number: int, articles: int) -> int:
    """How many of all articles are about an event, numbered from 0: a handful to thousands."""
    size = int(_MOST_OF_AN_EVENT / (number + 1) ** 1.6)
    return min(max(size, _FEWEST_OF_AN_EVENT), max(articles // 100, 1))


@cache
def sources() -> Sequence[str]:
    """Forty papers and sites, our own first."""
    names = [place + paper for paper in _PAPERS for place in _PLACES]
    random.Random(SEED).shuffle(names)  # noqa: S311 - the same order every time
    return ["信网", *names[1:]]


@cache
def editors() -> Sequence[str]:
    """Three hundred names, all different."""
    r = random.Random(SEED)  # noqa: S311 - the same names every time
    found: dict[str, None] = {}
    while len(found) < EDITORS:
        found[r.choice(_SURNAMES) + "".join(r.sample(_GIVEN, r.choice((1, 2, 2))))] = None
    return list(found)


def section(chance: float) -> int | None:
    """The section, from 0, that a number from 0 to 1 falls on; some articles have none."""
    for number, upto in enumerate(_SECTION_SHARES):
        if chance < upto:
            return number
    return None


def zipf(chance: float, most: int) -> int:
    """From 0 to below `most`, the nth as often as 1/n: what a number from 0 to 1 falls on."""
    return int((most + 1) ** chance) - 1
