"""What an editor brings in, by pasting or by the form: cleaned, sorted, and nothing lost unsaid."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from articles import closing, pasted
from articles.models import Source

_NAMES = {"source": "来源", "editor": "责编", "byline": "记者"}


@dataclass
class Intake:
    """A clean body; what its closing line fills into empty fields; what the editor must know.

    `lost` are sentences about what the body lacks, `notices` about its closing line.
    """

    body: str
    source: Source | None = None
    editor: str = ""
    byline: str = ""
    lost: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def take_in(raw: str, held: Mapping[str, str] | None = None, plain: bool = False) -> Intake:
    """Clean HTML (or a text, if it is `plain`); move its closing line into fields that are empty.

    `held` has what source (its name), editor and byline say; without it closing lines stay. What
    contradicts a field, or names no known source, stays as a line of the body, with a notice. One
    query if there is a closing line with a source.
    """
    if plain:
        taken = Intake(pasted.clean_text(raw))
    else:
        taken = Intake(pasted.clean(raw), lost=pasted.report(pasted.lost(raw)))
    if held is None:
        return taken
    body, parts = closing.take(taken.body)
    kept = [
        part for kind in ("source", "editor", "byline", "")
        for part in _settle(kind, [p for p in parts if p.kind == kind], held, taken)
    ]  # fmt: skip
    if len(kept) < len(parts):
        taken.body = body + closing.line(kept)
    return taken


def _settle(
    kind: str, parts: list[closing.Part], held: Mapping[str, str], taken: Intake
) -> list[closing.Part]:
    """Put parts of one kind where they belong; answer those that must stay in the body."""
    if not parts or not kind:
        return parts
    said = " ".join(part.printed for part in parts)
    if held.get(kind) in (said, parts[0].value):
        return []
    if held.get(kind):
        taken.notices.append(
            f"正文末尾写着“{said}”，{_NAMES[kind]}一栏是“{held[kind]}”，请核对；这一行还留在正文里。"
        )
        return parts
    if kind == "source":
        return _settle_source(said, parts, taken)
    setattr(taken, kind, said)
    taken.notices.append(f"正文末尾的“{said}”已移到{_NAMES[kind]}一栏。")
    return []


def _settle_source(said: str, parts: list[closing.Part], taken: Intake) -> list[closing.Part]:
    taken.source = Source.objects.filter(name=said).first()
    if taken.source is None:
        taken.notices.append(
            f"正文末尾写着来源“{said}”，还没有这个来源：请在来源一栏新建或另选，再删去正文里的这一行。"
        )
        return parts
    taken.notices.append(f"正文末尾的“{said}”已移到来源一栏。")
    return []
