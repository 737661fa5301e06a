"""Names that a command has to say something of; of many the first."""

from collections.abc import Callable, Sequence

MOST_NAMED = 10


def complain(say: Callable[[str], object], what: str, names: Sequence[str]) -> None:
    """Say it of these, in a line; nothing where there are none."""
    if names:
        more = f"……共 {len(names)} 个" if len(names) > MOST_NAMED else ""
        say(f"{what}：{'、'.join(names[:MOST_NAMED])}{more}")
