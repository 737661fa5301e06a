"""A list that counts no further than anybody turns pages."""

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

from articles.admin.listing import MOST_LISTED


class NewestPaginator(Paginator):
    """Pages of the first MOST_LISTED rows: counting stops there, however many there are."""

    @cached_property
    def count(self) -> int:
        """The number of rows, MOST_LISTED at most."""
        rows: QuerySet = self.object_list  # type: ignore[assignment]
        return rows.order_by().values("pk")[:MOST_LISTED].count()

    @property
    def is_cut(self) -> bool:
        """Whether there may be more than is listed."""
        return self.count == MOST_LISTED
