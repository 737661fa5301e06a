"""How an operation is told to django-ninja: by the name of its address, with all that may come."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ninja import Router
from pydantic import BaseModel

from articles.api import shapes
from articles.api.addresses import ROUTES
from articles.api.wording import both

Operation = TypeVar("Operation", bound=Callable[..., Any])

router = Router()


def operation(
    name: str,
    answered: type[BaseModel],
    chinese: str,
    english: str,
    **refused: type[BaseModel],
) -> Callable[[Operation], Operation]:
    """Answer the address of that name; `refused`: what is answered by other statuses (`_410`)."""
    route = ROUTES[name].replace("<", "{").replace(">", "}")
    others: Mapping[int, Any] = {int(status[1:]): shape for status, shape in refused.items()}
    decorated: Callable[[Operation], Operation] = router.api_operation(
        ["GET", "HEAD"], f"/{route}", url_name=name,
        operation_id=name.removeprefix("api-").replace("-", "_"),
        summary=both(chinese, english),
        description="-",  # else ninja takes the docstring; `wording.only` leaves both out
        response={200: answered, 400: shapes.BadRequest, 404: shapes.Problem, **others},
    )  # fmt: skip
    return decorated
