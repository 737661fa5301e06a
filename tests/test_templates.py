"""Templates are loaded without what only people need."""

from django.template.loader import get_template

from xinwang.templates import lean


def test_tags_alone_on_a_line_and_indentation_go_and_words_stay_apart() -> None:
    source = (
        "<ul>\n  {# What. #}\n  {% for a in b %}\n    <li>{{ a }}\n    字</li>\n  {% endfor %}\n"
    )
    assert lean(source) == "<ul>\n{# What. #}{% for a in b %}<li>{{ a }}\n字</li>\n{% endfor %}"
    assert lean("a {% if b %}c{% endif %}\nd\n") == "a {% if b %}c{% endif %}\nd\n"


def test_html_is_lean_and_other_templates_are_as_written() -> None:
    page = get_template("error.html").render({"title": "字", "site": {"name": "信网"}})
    assert "\n " not in page
    assert "\n\n" not in page
    robots = get_template("robots.txt").template.source  # type: ignore[attr-defined]
    assert "\n" in robots
