"""Words in Chinese and English, side by side where they are written, apart where they are read."""

from typing import Any

from pydantic import Field

LANGUAGES = ("zh-CN", "en")
_BETWEEN = "\x1f"  # ASCII's unit separator; no text has one


def both(chinese: str, english: str) -> str:
    """One text in both languages, for `only` to choose from."""
    return f"{chinese}{_BETWEEN}{english}"


def told(chinese: str, english: str, **more: Any) -> Any:
    """What pydantic is told of a field: what it is, in both languages, and more."""
    return Field(description=both(chinese, english), **more)


def only(language: str, said: Any) -> Any:
    """A document in one language. What is no text in both (names of classes and the like) goes."""
    if isinstance(said, dict):
        texts = {name: only(language, value) for name, value in said.items()}
        return {name: value for name, value in texts.items() if not _is_untold(name, said[name])}
    if isinstance(said, list):
        return [only(language, one) for one in said]
    if isinstance(said, str) and _BETWEEN in said:
        return said.split(_BETWEEN)[LANGUAGES.index(language)]
    return said


def _is_untold(name: str, value: Any) -> bool:
    """Whether it is what pydantic makes of a name or a docstring in the code."""
    return name in {"title", "description"} and isinstance(value, str) and _BETWEEN not in value
