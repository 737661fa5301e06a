"""The command `import_wordpress`."""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from articles.elsewhere import pages
from articles.elsewhere.folder import Folder
from articles.elsewhere.found import Found
from articles.elsewhere.wordpress import Options, WordPress, another_site
from articles.elsewhere.wxr import Item
from articles.management.elsewhere import ElsewhereCommand, Run, counts_of
from articles.management.progress import Progress
from articles.outages import reason
from articles.transfer import BadFile, BadLine


class Command(ElsewhereCommand):
    """Read a WordPress export; running it again adds nothing twice."""

    help = (
        "从 WordPress 的导出文件（WXR）导入：文章成为稿件，页面成为单页。"
        "可反复运行：没变的跳过，变了的更新，编辑改过的不动。先用 --dry-run 看看。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, its pictures, and what to make of it."""
        parser.add_argument("file", metavar="文件", help="导出的 .xml 或 .xml.gz")
        parser.add_argument(
            "--uploads",
            type=Path,
            metavar="目录",
            help="wp-content/uploads 目录（默认为文件旁边的 uploads）",
        )
        parser.add_argument(
            "--no-uploads", action="store_true", help="没有图片可收；以前收进来的会从稿件里拿掉"
        )
        parser.add_argument(
            "--types",
            default="post",
            metavar="类型",
            help="哪些内容类型是稿件，用逗号隔开（默认 post）",
        )
        parser.add_argument("--source", default="", metavar="名称", help="稿件的来源（默认没有）")
        parser.add_argument("--no-tags", action="store_true", help="标签不成为话题，只要分类")
        parser.add_argument(
            "--site",
            default="",
            metavar="名字",
            help="收第二个 WordPress 网站时给它起的名字，免得两边的编号相混",
        )
        parser.add_argument(
            "--same-site", action="store_true", help="还是上次那个网站，只是换了域名"
        )
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read twice: for the pictures, then for the articles."""
        folder = _uploads(options["uploads"], Path(options["file"]))
        wordpress = WordPress(
            options["file"],
            Folder(folder) if folder else None,
            Options(
                kinds=tuple(filter(None, options["types"].replace("，", ",").split(","))),
                name=options["site"],
                source=options["source"],
                tags=not options["no_tags"],
                compared=options["dry_run"],
            ),
        )
        run = Run(options, folder, wordpress.slugs)
        with closing(wordpress):
            try:
                size = Path(options["file"]).stat().st_size
                counted = self._survey(wordpress, size)
            except OSError as error:
                raise CommandError(f"读不了 {options['file']}：{reason(error)}") from error
            except BadFile as error:
                raise CommandError(str(error)) from error
            except KeyboardInterrupt as error:
                raise CommandError("已中断，还什么也没有写入") from error
            if counted["attachment"] and folder is None and not options["no_uploads"]:
                raise CommandError(
                    f"文件里有 {counted['attachment']} 个附件，却没有图片目录，什么也没有写入。"
                    "请用 --uploads 指出 wp-content/uploads；真没有图片，请加 --no-uploads。"
                )
            self._refuse_another_site(wordpress, same=options["same_site"])
            self._import(run, wordpress, size, counted)

    def _import(self, run: Run, wordpress: WordPress, size: int, counted: Counter[str]) -> None:
        made = _Pages(run)

        def finish(run: Run) -> None:
            counts = [
                *counts_of(run),
                ("单页", f"{made.done.total()} 页"),
                ("附件", f"{counted['attachment']} 个"),
                *((f"没有收：{kind}", f"{count} 条") for kind, count in _left_out(wordpress)),
            ]
            what = f"{Path(wordpress.file).name}（{wordpress.site.address or '没有写明网站'}）"
            self.compare(run, what, wordpress.picture, counts)

        self.go(run, lambda: made.apart(wordpress.entries()), size, finish)
        if left_out := _left_out(wordpress):
            said = "，".join(f"{kind} {count} 条" for kind, count in left_out)
            self.stderr.write(f"没有收：{said}")
        added, unchanged = made.done[pages.Done.ADDED], made.done[pages.Done.UNCHANGED]
        self.end(run, f"；单页新增 {added} 页，未变 {unchanged} 页")

    def _survey(self, wordpress: WordPress, size: int) -> Counter[str]:
        counted: Counter[str] = Counter()
        with (
            Progress("清点", size, self.stderr.write, "条") as progress,
            closing(wordpress.survey()) as items,
        ):
            for item in items:
                counted[item["wp:post_type"]] += 1
                progress.reach(item.position, counted.total())
        return counted

    def _refuse_another_site(self, wordpress: WordPress, *, same: bool) -> None:
        """Numbers of two sites must not be taken for each other."""
        other = "" if same else another_site(wordpress)
        if other:
            raise CommandError(
                f"档案里编号为 {wordpress.stem}… 的稿件来自 {other}，"
                f"这个文件来自 {wordpress.site.address or '没有写明的网站'}，什么也没有写入。"
                "是另一个网站，请用 --site 给它起个名字；是同一个网站换了域名，请加 --same-site。"
            )


class _Pages:
    """Takes pages out of what comes along, and makes Pages of them at once."""

    def __init__(self, run: Run) -> None:
        self.done: Counter[pages.Done] = Counter()
        self._run = run

    def apart(self, entries: Iterable[tuple[Item, Found]]) -> Iterator[Found]:
        """What is left: the articles."""
        for item, found in entries:
            if item["wp:post_type"] == "page":
                self._put(item["wp:post_name"], found)
            else:
                yield found

    def _put(self, name: str, found: Found) -> None:
        run = self._run
        try:
            made = pages.put(found, name, run.folder, dry_run=run.dry)
        except BadLine as error:
            run.refuse_early(found, f"单页：{error}")
        else:
            self.done[made.done] += 1
            run.lacks(replace(found, remarks=(*found.remarks, *made.remarks)))


def _left_out(wordpress: WordPress) -> list[tuple[str, int]]:
    return [(kind, count) for kind, count in wordpress.passed_over.items() if count]


def _uploads(said: Path | None, file: Path) -> Path | None:
    """The folder of uploads: as it is said, else beside the file, if there is one."""
    if said is None:
        beside = file.parent / "uploads"
        return beside if beside.is_dir() else None
    if not said.is_dir():
        raise CommandError(f"没有这个目录：{said}")
    return said
