"""Who has an article open: kept in the database while their pages say so (docs/adr/0015)."""

from datetime import timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone

from articles.models import OpenArticle

# A page says that it is open every 20 s (static/desk/presence.js); browsers let one in the
# background do so once a minute.
GONE_AFTER = timedelta(seconds=100)
# What a page may say of the last time that somebody typed in it.
LONGEST_IDLE = timedelta(hours=24)


def arrive(article_id: int, user: AbstractBaseUser, idle: timedelta = timedelta()) -> None:
    """Note that this user's page is open, and how long nobody has typed there.

    Forgets whoever is gone, so there are never more rows than open pages. Two queries.
    """
    now = timezone.now()
    OpenArticle.objects.filter(seen_at__lt=now - GONE_AFTER).delete()
    active = now - min(max(idle, timedelta()), LONGEST_IDLE)
    OpenArticle.objects.bulk_create(
        [OpenArticle(article_id=article_id, user_id=user.pk, active_at=active, seen_at=now)],
        update_conflicts=True,
        unique_fields=["article", "user"],
        update_fields=["active_at", "seen_at"],
    )


def leave(article_id: int, user: AbstractBaseUser) -> None:
    """Note that this user's page was closed; another window says so anew. One query."""
    OpenArticle.objects.filter(article_id=article_id, user_id=user.pk).delete()


def others(article_id: int, user: AbstractBaseUser) -> list[OpenArticle]:
    """Who else has the article open, the busiest first. One query."""
    here = OpenArticle.objects.filter(
        article_id=article_id, seen_at__gte=timezone.now() - GONE_AFTER
    )
    return list(here.exclude(user_id=user.pk).select_related("user").order_by("-active_at")[:20])
