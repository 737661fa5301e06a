"""What readers say in an address's query, checked."""

from django.http import Http404, HttpRequest

from articles.paging import BadCursor, Position


def position(request: HttpRequest) -> Position:
    """The place in a list that `?before=` or `?after=` names; 404 where it names none."""
    try:
        return Position.parse(request.GET.get("before", ""), request.GET.get("after", ""))
    except BadCursor as error:
        raise Http404("没有这一页。") from error
