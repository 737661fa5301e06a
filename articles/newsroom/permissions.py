"""Who may do what with an article. Everything on the desk asks here.

Django's permissions say what somebody may do at all; the article's desk says to which articles.
`edit_any_article` makes an 主编: the desk is no limit.
"""

from typing import TypeAlias

from django.contrib.auth.models import AnonymousUser, User

from articles.models import Article, Desk

Somebody: TypeAlias = User | AnonymousUser
State = Article.State


def desk_ids(user: Somebody) -> frozenset[int]:
    """The desks that somebody works at. One query for each request's user."""
    kept: dict[str, frozenset[int]] = user.__dict__
    if "_desk_ids" not in kept:
        kept["_desk_ids"] = frozenset(Desk.objects.of(user).values_list("pk", flat=True))
    return kept["_desk_ids"]


def works_everywhere(user: Somebody) -> bool:
    """Whether every desk's articles are theirs to change."""
    return user.has_perm("articles.edit_any_article")


def may_edit(user: Somebody, article: Article) -> bool:
    """Whether they may change this article: their own desk's, and a draft that no desk has yet."""
    if not user.has_perm("articles.change_article"):
        return False
    if works_everywhere(user):
        return True
    if article.desk_id is None:
        return article.state == State.DRAFT
    return article.desk_id in desk_ids(user)


def may_publish_at(user: Somebody, desk_id: int | None) -> bool:
    """Whether they may publish what belongs to this desk."""
    return user.has_perm("articles.publish_article") and (
        works_everywhere(user) or desk_id in desk_ids(user)
    )


def may_publish(user: Somebody, article: Article | None = None) -> bool:
    """Whether they may publish this article, or a new one, at a desk of theirs.

    A draft that no desk has yet may be taken to one's own desk on the way.
    """
    if not user.has_perm("articles.publish_article"):
        return False
    if works_everywhere(user):
        return True
    if article is None or article.desk_id is None:
        return bool(desk_ids(user))
    return article.desk_id in desk_ids(user)


def may_withdraw(user: Somebody, article: Article | None = None) -> bool:
    """Whether they may take back what readers have, and give it back to them."""
    return user.has_perm("articles.withdraw_article") and (
        article is None or may_edit(user, article)
    )


def may_delete(user: Somebody, article: Article) -> bool:
    """Whether they may delete it; what readers have is withdrawn rather than deleted."""
    return (
        user.has_perm("articles.delete_article")
        and may_edit(user, article)
        and not article.is_public
    )


def may_move(user: Somebody, article: Article | None, target: str) -> bool:
    """Whether they may bring an article (None: a new one) from its state to another.

    Whether that makes sense is the form's to say.
    """
    before = article.state if article else State.DRAFT
    if target == before:
        return True
    if State.WITHDRAWN in (before, target):
        return may_withdraw(user, article)
    return may_publish(user, article)  # to publish it, to schedule it or to take it off
