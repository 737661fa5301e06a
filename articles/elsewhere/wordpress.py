"""A WordPress export as lines for the import: posts with their pictures, topics and times."""

import re
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import unquote, urlsplit

from articles.elsewhere import bodies, shortcodes
from articles.elsewhere.attachments import Attachments, below_uploads
from articles.elsewhere.bodies import Picture
from articles.elsewhere.folder import TAKEN, Folder, full_sizes
from articles.elsewhere.found import Found, found
from articles.elsewhere.links import same_site, within
from articles.elsewhere.wxr import Item, Site, Term, read
from articles.models import Article

# What the archive calls WordPress's states; a post in any other is a draft.
_STATES = {"publish": "published", "future": "published"}
_PASSED_OVER = {"trash": "回收站", "auto-draft": "自动草稿", "inherit": "旧版本"}
# What else WordPress keeps among its posts.
_KINDS = {
    "revision": "旧版本", "nav_menu_item": "菜单项", "custom_css": "样式", "wp_block": "区块",
    "wp_global_styles": "样式", "wp_navigation": "导航", "wp_template": "模板",
    "wp_template_part": "模板", "wp_font_family": "字体", "wp_font_face": "字体",
}  # fmt: skip
# WordPress puts posts here that nobody put anywhere.
_NOWHERE = {"uncategorized", "未分类"}
_SLUG = re.compile(r"[-\w]{1,60}")
_IMAGE_CLASS = re.compile(r"\bwp-image-([0-9]{1,17})\b")
_SUBSITE = re.compile(r"^sites/[0-9]+/")
_CUT = re.compile(r"(?:\[?(?:…|\.\.\.|&hellip;)+\]?|\s)+$")


@dataclass(frozen=True)
class Options:
    """What an operator may decide about an export."""

    kinds: tuple[str, ...] = ("post",)
    name: str = ""  # of a second site, so that its numbers are not the first one's
    source: str = ""
    tags: bool = True
    compared: bool = False  # originals are kept for a comparison


@dataclass
class WordPress:
    """An export, read twice: for its pictures, which stand anywhere in it, and for its posts."""

    file: str
    uploads: Folder | None
    options: Options
    site: Site = field(default_factory=Site)
    # Slugs that topics had, by name.
    slugs: dict[str, str] = field(default_factory=dict)
    # What is in the file, and what of it is no article.
    passed_over: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._attachments = Attachments()
        self._printed: dict[str, str] | None = None

    def close(self) -> None:
        """Let go of what the first reading remembered."""
        self._attachments.close()

    def survey(self) -> Generator[Item, None, None]:
        """Read the whole for the first time; raises BadFile."""
        with closing(read(self.file, self.site)) as items:
            for item in items:
                if item["wp:post_type"] == "attachment":
                    self._attachments.add(item)
                yield item

    @property
    def stem(self) -> str:
        """What all ids of this site's articles begin with: `/?p=`, so that `/?p=7` finds one."""
        path = urlsplit(self.site.address).path.rstrip("/")
        return f"{self.options.name}{path}/?p="

    def entries(self) -> Iterator[tuple[Item, Found]]:
        """Posts and pages with the lines that they make, in the file's order."""
        with closing(read(self.file, self.site)) as items:
            for item in items:
                kind, state = item["wp:post_type"], item["wp:status"]
                if kind not in (*self.options.kinds, "page"):
                    self.passed_over[_KINDS.get(kind, kind)] += kind != "attachment"
                elif state in _PASSED_OVER:
                    self.passed_over[_PASSED_OVER[state]] += 1
                else:
                    yield item, self._found(item)

    def picture(self, _found: Found, tag: str) -> str | None:
        """The file of an <img> of a post as it was."""
        shot = self._picture(bodies.image(tag))
        return shot.file if shot else None

    def _found(self, item: Item) -> Found:
        remarks = list(_about_state(item))
        written = shortcodes.written(item["content:encoded"], self._gallery(item))
        link = _Links(self.site.address)
        gathered = bodies.gather(written.html, self._picture, self._same, link)
        body, pictures = self._with_excerpt(item, gathered.body), gathered.pictures
        lead = self._lead(item, pictures)
        title = bodies.words(item["title"])
        said: dict[str, Any] = {
            "id": f"{self.stem}{item.number}" if item.number else "",
            "title": title,
            "source": self.options.source,
            "editor": self._editor(item),
            "published_at": _moment(item),
            "topics": self._topics(item),
            "body": body,
            "url": self._address(item),
            "photos": [picture.said() for picture in pictures],
            "state": _state(item),
        }
        if lead:
            said["lead_photo"] = lead
        return found(
            self.file, item.number, item.position, {name: it for name, it in said.items() if it},
            [*remarks, *written.lost, *gathered.lost, *link.files],
            written.html if self.options.compared else None,
        )  # fmt: skip

    def _editor(self, item: Item) -> str:
        login = item["dc:creator"].strip()
        return self.site.authors.get(login, login)

    def _address(self, item: Item) -> str:
        """The permalink; none where it is nothing but the number, which the id holds."""
        link = item["link"].strip()
        try:
            parts = urlsplit(link)
        except ValueError:
            return ""
        root = urlsplit(self.site.address).path.rstrip("/")
        return "" if parts.path.rstrip("/") == root else link

    def _topics(self, item: Item) -> list[str]:
        """Categories, then those above them (whose pages showed the post as well), then tags."""
        categories = [
            term
            for domain, term in item.terms
            if domain == "category" and not {unquote(term.slug), term.name} & _NOWHERE
        ]
        above = [term for each in categories for term in self._above(each)]
        tags = [term for domain, term in item.terms if domain == "post_tag" and self.options.tags]
        names = [self._name(term) for term in (*categories, *above)]
        for term in tags:
            self._remember(term.name, term)
        return list(dict.fromkeys([*names, *(term.name for term in tags)]))

    def _above(self, term: Term) -> Iterator[Term]:
        seen = {term.slug}
        at = self.site.categories.get(term.slug)
        while at and at.parent and at.parent not in seen:
            seen.add(at.parent)
            at = self.site.categories.get(at.parent)
            if at:
                yield at

    def _name(self, term: Term) -> str:
        """A category's name; with that of the one above where several are called the same."""
        if self._printed is None:
            self._printed = _printed(self.site.categories)
        name = self._printed.get(term.slug, term.name)
        self._remember(name, term)
        return name

    def _remember(self, name: str, term: Term) -> None:
        slug = unquote(term.slug)
        if _SLUG.fullmatch(slug):
            self.slugs.setdefault(name, slug)

    def _with_excerpt(self, item: Item, body: str) -> str:
        """The body; a hand-written excerpt that it doesn't hold is its first paragraph."""
        excerpt = _CUT.sub("", bodies.words(item["excerpt:encoded"]))
        if not excerpt or _dense(excerpt) in _dense(bodies.words(body)):
            return body
        return f"<p>{escape(excerpt, quote=False)}</p>{body}"

    def _lead(self, item: Item, pictures: list[Picture]) -> str:
        """The featured picture, put before all if the post doesn't place it; empty: none."""
        number = item.meta.get("_thumbnail_id", "")
        shot = self._picture({"data-gallery": number}) if number.isdigit() else None
        if shot is None:
            return ""
        for one in pictures:
            if one.file == shot.file or self._same(one.file, shot.file):
                return one.file
        pictures.insert(0, shot)
        return shot.file

    def _gallery(self, item: Item) -> shortcodes.Gallery:
        def pictures(said: dict[str, str]) -> list[tuple[int, str]]:
            named = said.get("ids") or said.get("include")
            if named:
                numbers = [int(number) for number in re.findall("[0-9]{1,17}", named)]
                attached = [self._attachments.get(number) for number in numbers]
                files = [one.file if one else "" for one in attached]
                return list(zip(numbers, files, strict=True))
            without = set(re.findall("[0-9]{1,17}", said.get("exclude", "")))
            return [
                (one.number, one.file)
                for one in self._attachments.of(item.number)
                if str(one.number) not in without and _is_picture(one.file)
            ]

        return pictures

    def _picture(self, held: Mapping[str, str]) -> Picture | None:
        """The file of an <img>: as its number says, else as its address does, in full size."""
        if self.uploads is None:
            return None
        placed = held.get("data-gallery", "")
        number = placed or next(iter(_IMAGE_CLASS.findall(held.get("class", ""))), "")
        below = "" if placed else below_uploads(bodies.address(held))
        attached = self._attachments.get(int(number)) if number else None
        if attached and below and not _of_one(attached.file, below):
            attached = None  # the number is another site's
        paths = [attached.file] if attached else []
        paths += full_sizes(below) if below else []
        paths += [_SUBSITE.sub("", path) for path in paths if _SUBSITE.match(path)]
        found = next(filter(None, map(self.uploads.picture, paths)), None)
        file = found or next(filter(None, map(self.uploads.smaller, paths)), None)
        if file is None:
            return None
        alt = bodies.squeezed(held.get("alt", "")) or (attached.alt if attached else "")
        return Picture(file, alt, attached.caption if attached and placed else "")

    def _same(self, one: str, other: str) -> bool:
        return self.uploads is not None and self.uploads.same(one, other)


def another_site(wordpress: WordPress) -> str:
    """The site that this one's numbers are taken by, if it is another; asked after `survey`.

    One query, two where there are any; both read an index of ids.
    """
    known = Article.objects.filter(legacy_id__startswith=wordpress.stem).exclude(legacy_url="")
    other = known.values_list("legacy_url", flat=True).first()
    if other is None or same_site(other, wordpress.site.address):
        return ""
    addresses = known.values_list("legacy_url", flat=True).iterator()
    mine = any(same_site(address, wordpress.site.address) for address in addresses)
    return "" if mine else urlsplit(other).netloc


@dataclass
class _Links:
    """Where links lead: within the old site to the path, which the archive sends on."""

    site: str
    files: list[str] = field(default_factory=list)  # sentences about files that stay there

    def __call__(self, href: str) -> str:
        """The address to write."""
        below = below_uploads(href)
        if below:
            if not _is_picture(below):
                self.files.append(f"链接的文件还在旧网站：{href}")
            return href
        return within(self.site, href)


def _printed(categories: Mapping[str, Term]) -> dict[str, str]:
    """What each category is called here, by its slug: names are one topic's each."""
    called = Counter(term.name for term in categories.values())
    first: set[str] = set()
    printed = {}
    for slug, term in categories.items():
        above = categories.get(term.parent)
        several = called[term.name] > 1 and term.name in first
        printed[slug] = f"{above.name}·{term.name}" if several and above else term.name
        first.add(term.name)
    return printed


def _state(item: Item) -> str:
    return "draft" if _has_password(item) else _STATES.get(item["wp:status"], "draft")


def _has_password(item: Item) -> bool:
    """Whether readers had to know a word; a blank is one, what an editor of XML indents is none."""
    word = item["wp:post_password"]
    return bool(word.strip() or (word and "\n" not in word))


def _about_state(item: Item) -> Iterator[str]:
    if item["wp:status"] == "private":
        yield "原来是私密文章，作为草稿收进来"
    elif item["wp:status"] not in (*_STATES, "draft", "pending"):
        yield f"状态“{item['wp:status']}”不认识，作为草稿收进来"
    if _has_password(item):
        yield "原来要密码才能读，作为草稿收进来"


def _moment(item: Item) -> str:
    """When it was published, to the second; WordPress's own clock may be another than ours."""
    if item["wp:status"] in ("draft", "pending"):
        return ""
    for name, zone in (("wp:post_date_gmt", "+00:00"), ("wp:post_date", "")):
        said = item[name].strip()
        if said and not said.startswith("0000"):
            return said.replace(" ", "T", 1) + zone
    return ""


def _of_one(file: str, below: str) -> bool:
    """Whether an address is that of an attachment, or of it made smaller or edited."""
    stem = file.rpartition("/")[2].rpartition(".")[0]
    stem = re.sub(r"(?:-scaled|-e[0-9]{10,}|-rotated)+$", "", stem)
    return below.rpartition("/")[2].casefold().startswith(stem.casefold())


def _is_picture(file: str) -> bool:
    return f".{file.rpartition('.')[2].lower()}" in TAKEN


def _dense(words: str) -> str:
    return re.sub(r"\s+", "", words)
