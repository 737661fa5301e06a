"""The API's description is true: in two languages of one form, and held to it by schemathesis."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from articles import urls
from articles.models import Article
from tests.readers import make_archive

pytestmark = [pytest.mark.django_db, pytest.mark.once]

HAN = re.compile("[\u4e00-\u9fff]")
# What is typed into a search is Chinese in any language.
TYPED = re.compile("标题:|来源:|编辑:|记者:|话题:")
EXAMPLES = 12


def described(client: Client, name: str) -> Any:
    """The description of that name."""
    response = client.get(f"/api/v1/{name}")
    assert response["Content-Type"] == "application/json; charset=utf-8"
    assert "\\u" not in response.content.decode()
    return json.loads(response.content)


def told(said: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every text for people, and where it stands; "" where a field or parameter has none."""
    if isinstance(said, list):
        for number, one in enumerate(said):
            yield from told(one, f"{place}/{number}")
    if not isinstance(said, dict):
        return
    for name, value in said.items():
        if name in ("description", "summary", "title") and isinstance(value, str):
            yield f"{place}/{name}", value
        if name == "properties":
            yield from (
                (f"{place}/{one}", field.get("description", "")) for one, field in value.items()
            )
        if name == "parameters":
            yield from ((f"{place}/{one['name']}", one.get("description", "")) for one in value)
        yield from told(value, f"{place}/{name}")


def formed(said: Any) -> Any:
    """The same without its texts."""
    if isinstance(said, list):
        return [formed(one) for one in said]
    if isinstance(said, dict):
        texts = {
            name
            for name, value in said.items()
            if name in ("description", "summary", "title") and isinstance(value, str)
        }
        return {name: formed(value) for name, value in said.items() if name not in texts}
    return said


def test_both_languages_say_everything_of_the_same_form(client: Client) -> None:
    chinese, english = described(client, "openapi.json"), described(client, "openapi.en.json")
    assert formed(chinese) == formed(english)
    for place, text in told(chinese):
        assert HAN.search(text), (place, text)
    for place, text in told(english):
        assert text, place
        assert not HAN.search(TYPED.sub("", text)) or place == "/info/title", (place, text)
    assert chinese["openapi"].startswith("3.1")
    assert [server["url"] for server in chinese["servers"]] == ["http://testserver"]


def test_every_address_is_described_and_none_besides(client: Client) -> None:
    said = described(client, "openapi.json")
    routes = {"/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(one.pattern)) for one in urls.programs}
    assert routes - set(said["paths"]) == {"/api/v1/openapi.json", "/api/v1/openapi.en.json"}
    assert not set(said["paths"]) - routes
    for methods in said["paths"].values():
        assert set(methods) == {"get"}
        for status, answer in methods["get"]["responses"].items():
            kinds = set(answer.get("content", {}))
            assert kinds <= {"application/json" if status == "200" else "application/problem+json"}
    assert set(said["paths"]["/api/v1/articles/{number}"]["get"]["responses"]) >= {"200", "410"}


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_whatever_is_asked_the_answer_is_as_described(mode: GenerationMode) -> None:
    """What fits the description and what doesn't; half of it of what there is."""
    archive = make_archive()
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler())
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        known = _known(operation.path, archive)
        wrong = mode is GenerationMode.NEGATIVE
        if wrong and not known and not operation.query:
            continue  # nothing to be wrong with
        for parts in [None, known] if known and not (wrong and not operation.query) else [None]:

            @given(case=operation.as_strategy(mode, path_parameters=parts))
            @settings(
                max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
                phases=[Phase.generate], suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            def holds(case: schemathesis.Case) -> None:
                nonlocal asked
                asked += 1
                case.call_and_validate()

            holds()
    assert asked > 100


def _known(path: str, archive: dict[str, Article]) -> dict[str, Any]:
    """Parts of an address behind which there is something; none where it has none."""
    article = archive["public"]
    day = article.published_at
    assert day
    every: dict[str, Any] = {
        "number": article.pk, "slug": "source" if "sources" in path else "topic", "name": "编辑",
        "window": "all", "year": day.year, "month": f"{day:%m}", "day": f"{day:%d}",
    }  # fmt: skip
    return {name: value for name, value in every.items() if f"{{{name}}}" in path}
