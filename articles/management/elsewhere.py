"""What the commands that import from other systems have in common, beside `importing`."""

from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from articles.elsewhere import comparing
from articles.elsewhere.found import Found
from articles.management.importing import ImportCommand, Rejects
from articles.management.options import add_file, add_overwrite, add_processes
from articles.management.progress import Progress
from articles.outages import reason
from articles.transfer import Importer, Line

# All was read, and something was refused: scripts may look for it.
REFUSED = 3


class Run:
    """One run of an import: its importer, its files of what was refused and what is lacking."""

    def __init__(
        self,
        options: dict[str, Any],
        folder: Path | None,
        slugs: dict[str, str] | None = None,
    ) -> None:
        """`folder` is where the lines name photos in."""
        self.folder = folder
        self.problems = comparing.Problems()
        self.sample = comparing.Sample()
        self.rejects = Rejects(options["rejects"])
        self.remarks = Rejects(options["remarks"])
        self.dry: bool = options["dry_run"]
        self.comparison: Path = options["compare"]
        self._refused: set[int] = set()
        self.importer = Importer(
            self.refuse,
            photos=lambda _: folder,
            dry_run=options["dry_run"],
            processes=options["processes"],
            slugs=slugs,
            overwrite=options["overwrite"],
        )

    def refuse(self, line: Line, reason: str) -> None:
        """What the importer refuses."""
        self._refused.add(id(line))
        self.rejects.add(line, reason)
        if isinstance(line, Found):
            self.problems.refuse(line, reason)

    def refuse_early(self, found: Found, reason: str) -> None:
        """What can't become a line."""
        self.importer.tally.rejected += 1
        self.rejects.add(found, reason)
        self.problems.refuse(found, reason)

    def accept(self, found: Found) -> None:
        """What is in, or would be: it may be shown."""
        self.lacks(found)
        if self.dry:
            self.sample.offer(found)

    def lacks(self, found: Found) -> None:
        """Write down what it lacks."""
        for remark in found.remarks:
            self.remarks.note(
                {"file": found.file, "id": found.id, "title": found.title, "remark": remark}
            )
            self.problems.remark(found, remark)

    def lines(self, lines: Iterable[Found]) -> Iterator[Found]:
        """Import the lines; each comes out when its batch is in."""
        with closing(self.importer.run(lines)) as imported:
            for line in imported:
                if id(line) in self._refused:
                    self._refused.discard(id(line))
                elif isinstance(line, Found):
                    self.accept(line)
                yield line  # type: ignore[misc]


def counts_of(run: Run) -> list[tuple[str, object]]:
    """What became of the articles, for the comparison."""
    tally = run.importer.tally
    return [
        ("稿件", f"{tally.added + tally.updated + tally.unchanged} 篇"),
        ("其中新增", f"{tally.added} 篇"),
        ("其中更新", f"{tally.updated} 篇"),
        ("退回", f"{tally.rejected} 篇"),
        ("编辑改过而没有动", f"{tally.edited} 篇"),
        ("提示", f"{run.remarks.count} 处"),
    ]


class ElsewhereCommand(ImportCommand):
    """A command that imports from another system, with a trial that shows its results."""

    unit = "篇"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What both commands may be told."""
        parser.add_argument(
            "--dry-run", action="store_true", help="只检查，不写入；另写一个对照网页"
        )
        add_file(parser, "--compare", "import.compare.html", "试导时的对照网页")
        add_file(parser, "--rejects", "import.rejects.jsonl", "退回的稿件")
        add_file(parser, "--remarks", "import.remarks.jsonl", "收进来却少了东西的")
        add_overwrite(parser)
        add_processes(parser)

    def go(
        self,
        run: Run,
        entries: Callable[[], Iterable[Found]],
        total: int,
        finish: Callable[[Run], None],
    ) -> None:
        """Import all entries, then `finish`; the files of what was refused are closed after it."""
        with ExitStack() as open_files:
            open_files.enter_context(run.rejects)
            open_files.enter_context(run.remarks)
            with self.importing(run.importer):
                with Progress("试导" if run.dry else "导入", total, self.stderr.write) as bar:
                    for done, line in enumerate(run.lines(entries()), start=1):
                        bar.reach(line.position, done)
                finish(run)
        self._say_where(run)

    def compare(
        self,
        run: Run,
        what: str,
        picture: comparing.Picture,
        counts: Sequence[tuple[str, object]],
    ) -> None:
        """Write the comparison of a dry run."""
        if not run.dry:
            return
        try:
            comparing.write(
                run.comparison, what, run.sample.chosen, run.folder, picture, counts, run.problems,
                timezone.localtime(),
            )  # fmt: skip
        except OSError as error:
            raise CommandError(f"写不了 {run.comparison}：{reason(error)}") from error
        self.stderr.write(f"对照网页在 {run.comparison}，用浏览器打开它")

    def _say_where(self, run: Run) -> None:
        if run.remarks.count:
            self.stderr.write(f"收进来却少了东西的有 {run.remarks.count} 处，在 {run.remarks.path}")
        if run.rejects.count:
            self.stderr.write(f"退回的和原因在 {run.rejects.path}")

    def end(self, run: Run, more: str = "") -> None:
        """The last line; the exit status says whether anything was refused."""
        said = self.summary(run.importer) + more
        if run.importer.tally.rejected:
            raise CommandError(said, returncode=REFUSED)
        self.stdout.write(said)
