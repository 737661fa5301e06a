"""Texts that want to be more than text, from `vectors.txt`: a line each, by class of attack."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_CHARACTER = re.compile(r"\\u\{([0-9a-f]+)\}")
# What PostgreSQL can't hold; every form and the import take it out or refuse it.
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class Vector:
    """One text; what runs of it calls `__run` with its number, what fetches asks canary.example."""

    number: int
    kind: str
    text: str

    @property
    def storable(self) -> str:
        """Without what no database takes."""
        return _NO_TEXT.sub("", self.text)


def _read() -> Iterator[Vector]:
    kind = ""
    lines = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines, 1):
        if line.startswith("# "):
            kind = line[2:]
        elif line:
            said = line.replace("RUN", f"__run({number})").replace(
                "CANARY", f"canary.example/{number}"
            )
            yield Vector(number, kind, _CHARACTER.sub(lambda found: chr(int(found[1], 16)), said))


VECTORS: Sequence[Vector] = tuple(_read())


def packed(texts: Iterable[str], longest: int) -> list[str]:
    """All of the texts in as few as hold them, a space between them; longer ones are cut."""
    found = [""]
    for each in texts:
        said = " ".join(each.split())[:longest].strip()
        if len(found[-1]) + len(said) < longest:
            found[-1] = f"{found[-1]} {said}".strip()
        else:
            found.append(said)
    return found
