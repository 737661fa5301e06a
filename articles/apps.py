"""How Django knows the archive."""

from axes import apps as axes
from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.db.models.signals import post_migrate, pre_migrate


class ArticlesConfig(AppConfig):
    """The archive, named in Chinese for the editors' desk."""

    default = True
    name = "articles"
    verbose_name = "新闻档案"

    def ready(self) -> None:
        """Say what is kept of every change, look at every statement, mind the readers' role."""
        from django.db.backends.signals import connection_created

        from articles import history, readerrole
        from articles.seeing import queries

        history.register()
        connection_created.connect(queries.watch, dispatch_uid="articles.seeing.queries")
        pre_migrate.connect(readerrole.before_migrations, sender=self)
        post_migrate.connect(readerrole.after_migrations, sender=self)


class DeskConfig(admin.AdminConfig):
    """Django admin with our own site."""

    default = False

    default_site = "articles.newsroom.site.Newsroom"


class LoginsConfig(axes.AppConfig):  # type: ignore[misc]
    """django-axes, named in Chinese."""

    default = False
    verbose_name = "登录保护"
