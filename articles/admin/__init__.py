"""The editors' desk: Django admin, set for newspaper work."""

from articles.admin.accounts import AttemptAdmin, DeskGroupAdmin, DeskUserAdmin
from articles.admin.article import ArticleAdmin
from articles.admin.library import PhotoAdmin
from articles.admin.site import (
    DeskAdmin,
    LicenceAdmin,
    PageAdmin,
    PromoAdmin,
    SourceAdmin,
    TopicAdmin,
)

__all__ = [
    "ArticleAdmin",
    "AttemptAdmin",
    "DeskAdmin",
    "DeskGroupAdmin",
    "DeskUserAdmin",
    "LicenceAdmin",
    "PageAdmin",
    "PhotoAdmin",
    "PromoAdmin",
    "SourceAdmin",
    "TopicAdmin",
]
