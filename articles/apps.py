"""How Django knows the archive."""

from axes import apps as axes
from django.apps import AppConfig
from django.contrib.admin import apps as admin


class ArticlesConfig(AppConfig):
    """The archive, named in Chinese for the editors' desk."""

    default = True
    name = "articles"
    verbose_name = "新闻档案"

    def ready(self) -> None:
        """Say what is kept of every change."""
        from articles import history

        history.register()


class DeskConfig(admin.AdminConfig):
    """Django admin with our own site."""

    default = False

    default_site = "articles.newsroom.site.Newsroom"


class LoginsConfig(axes.AppConfig):  # type: ignore[misc]
    """django-axes, named in Chinese."""

    default = False
    verbose_name = "登录保护"
