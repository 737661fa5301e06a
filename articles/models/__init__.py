"""What the archive keeps. Import models from here."""

from articles.models.article import Article
from articles.models.correction import Correction
from articles.models.desk import Desk
from articles.models.generation import Generation
from articles.models.membership import ArticlePhoto, ArticleTopic
from articles.models.photo import Photo
from articles.models.presence import OpenArticle
from articles.models.reads import DailyReads, ReadEvent, ReadKey, RecentReads, RollUp, Visit
from articles.models.search import IndexRebuild, Likeness, PairFrequency, PairSample, SearchEntry
from articles.models.site import Licence, Page, Promo
from articles.models.source import Source
from articles.models.topic import Topic
from articles.models.version import PublicVersion, said_by
from articles.models.whole import Whole, public_article

__all__ = [
    "Article",
    "ArticlePhoto",
    "ArticleTopic",
    "Correction",
    "DailyReads",
    "Desk",
    "Generation",
    "IndexRebuild",
    "Licence",
    "Likeness",
    "OpenArticle",
    "Page",
    "PairFrequency",
    "PairSample",
    "Photo",
    "Promo",
    "PublicVersion",
    "ReadEvent",
    "ReadKey",
    "RecentReads",
    "RollUp",
    "SearchEntry",
    "Source",
    "Topic",
    "Visit",
    "Whole",
    "public_article",
    "said_by",
]
