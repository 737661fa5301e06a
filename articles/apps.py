"""How Django knows the archive."""

from django.apps import AppConfig


class ArticlesConfig(AppConfig):
    """The archive, named in Chinese for the editors' desk."""

    name = "articles"
    verbose_name = "新闻档案"

    def ready(self) -> None:
        """Say what is kept of every change."""
        from articles import history

        history.register()
