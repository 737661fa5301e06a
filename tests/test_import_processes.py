"""The command import_wordpress as a real process: many posts, its exit status."""

from pathlib import Path

import pytest

from articles.models import Article
from articles.search import maintenance
from tests.commands import IMPORT, Start, finished

pytestmark = [pytest.mark.process, pytest.mark.django_db(transaction=True)]

WORDPRESS = (*IMPORT[:2], "import_wordpress", "--processes", "2", "export.xml")
EXPORT = (Path(__file__).parent / "elsewhere" / "wordpress.xml").read_text(encoding="utf-8")
POSTS = 1200  # more than an import does by itself (articles/transfer/ahead.py)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """An export of many posts without pictures; the title of the last is too long."""
    head, _, _ = EXPORT.partition("<item>")
    item = (
        "<item><title>{title}</title><wp:post_id>{number}</wp:post_id>"
        "<link>https://www.haibian.example.com/archives/{number}</link>"
        "<wp:post_date_gmt>2010-05-06 00:12:33</wp:post_date_gmt><wp:status>publish</wp:status>"
        "<wp:post_type>post</wp:post_type><content:encoded><![CDATA[第{number}篇，潮起。\n\n"
        "　　潮落。]]></content:encoded></item>"
    )
    titles = [f"旧稿{number}" for number in range(1, POSTS)] + ["长" * 201]
    items = [item.format(number=n, title=title) for n, title in enumerate(titles, start=1)]
    path = tmp_path / "export.xml"
    path.write_text(f"{head}{''.join(items)}</channel></rss>", encoding="utf-8")
    return path


def test_many_posts_by_several_processes(start: Start, export: Path) -> None:
    process = start(*WORDPRESS)
    _, err = process.communicate()
    assert process.returncode == 3, err.decode()
    said = f"新增 {POSTS - 1} 篇，更新 0 篇，未变 0 篇，退回 1 篇"
    assert said in err.decode()
    assert Article.objects.get(legacy_id="/?p=7").body == "<p>第7篇，潮起。</p><p>潮落。</p>"
    assert not maintenance.is_postponed()
    text = export.read_text(encoding="utf-8").replace("长" * 201, "短")
    export.write_text(text, encoding="utf-8")
    assert finished(start(*WORDPRESS)).startswith(
        f"新增 1 篇，更新 0 篇，未变 {POSTS - 1} 篇，退回 0 篇"
    )
