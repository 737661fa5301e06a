"""Whether the desk has changed what came from elsewhere."""

from collections.abc import Iterable

from reversion.models import Version

from articles.history.reading import versions
from articles.history.recording import BEFORE
from articles.history.snapshots import of_version, stored
from articles.models import Article


def edited(articles: Iterable[int]) -> set[int]:
    """Those of the articles (by number) that say now what an editor made of them.

    What wrote past the desk since (an import, a program) is no editor's, nor is what an editor
    changed and changed back. One query, and about ten for each article that has versions.
    """
    names = [str(number) for number in articles]
    kept = Version.objects.get_for_model(Article).filter(object_id__in=names)
    known = kept.order_by().values_list("object_id", flat=True).distinct()
    return {number for number in map(int, known) if _says_what_an_editor_made(number)}


def _says_what_an_editor_made(number: int) -> bool:
    kept = versions(Article, number).defer(None)
    last = kept.first()
    now = stored(Article, number)
    if last is None or now is None or not now.same_as(of_version(last)):
        return False
    came = kept.filter(revision__comment=BEFORE).first()
    return came is None or not now.same_as(of_version(came))
