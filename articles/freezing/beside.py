"""What a frozen site has beside its pages: static files, pictures, what nginx asks for."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Exists, OuterRef, Q
from django.utils.encoding import escape_uri_path

from articles import device as devices
from articles import preferences, text, traditional
from articles.freezing import living, places
from articles.freezing.asking import ask
from articles.freezing.keeping import Folder, Written
from articles.freezing.trouble import Stage, Trouble
from articles.models import Article, ArticlePhoto, Page, Photo, Promo
from articles.renditions import ENCODINGS
from articles.stages import Show

MISSING = "/404/"  # what stands at no address looks so


def keep(folder: Folder, with_traditional: bool, lost: list[str], show: Show) -> Written:
    """All of it, and nothing else of the kind; `lost` gets the names of pictures without a file."""
    folder.written = Written()
    _static(folder)
    _pictures(folder, lost, show)
    _refusals(folder, with_traditional)
    _choices(folder)
    folder.put(places.MOVED, _moved(), pack=False)
    return folder.written


def _static(folder: Folder) -> None:
    root = Path(settings.STATIC_ROOT)
    if not root.is_dir():
        raise Trouble("静态文件还没有收集：请先运行 manage.py collectstatic")
    under = f"{places.FILES}{settings.STATIC_URL}"
    names = {
        f"{under}{path.relative_to(root)}": path
        for path in root.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
    for name, path in names.items():
        folder.put(name, path.read_bytes(), pack=False)
    _only(folder, under, set(names))


def _pictures(folder: Folder, lost: list[str], show: Show) -> None:
    """Renditions of the photos that public pages show."""
    under = f"{places.FILES}{settings.MEDIA_URL}"
    kept: set[str] = set()
    for count, photo in enumerate(_shown_photos(), start=1):
        for width in photo.widths:
            for extension in ENCODINGS:
                name = photo.rendition_name(width, extension)
                kept.add(f"{under}{name}")
                if not folder.share(f"{under}{name}", Path(default_storage.path(name))):
                    lost.append(name)
        show(Stage.FILES, count, None, count)
    _only(folder, under, kept)


def _shown_photos() -> Iterator[Photo]:
    public = Article.objects.published()
    inside = {
        token for body in Page.objects.values_list("body", flat=True)
        for token in text.photo_tokens(body)
    }  # fmt: skip
    in_pages = Photo.objects.with_tokens(inside).values("pk")
    shown = Photo.objects.filter(
        Exists(ArticlePhoto.objects.filter(photo=OuterRef("pk"), article__in=public))
        | Exists(public.filter(lead_photo=OuterRef("pk")))
        | Exists(Promo.objects.shown().filter(photo=OuterRef("pk")))
        | Q(pk__in=in_pages)
    )
    return shown.order_by("pk").iterator()


def _refusals(folder: Folder, with_traditional: bool) -> None:
    """The page for what isn't there, for each device and script."""
    for script in ("", traditional.PREFIX) if with_traditional else ("",):
        for device in devices.DEVICES:
            answer = ask(f"{script}{MISSING}", device=device)
            name = f"{places.ERROR}/{device}{script.replace('/', '-')}.html"
            folder.put(name, living.without(answer.body))


def _choices(folder: Folder) -> None:
    """A style sheet for every pair of a reader's choices."""
    for size in preferences.SIZES:
        for theme in preferences.THEMES:
            answer = ask("/reader.css", choices={"size": size, "theme": theme})
            folder.put(f"{places.READER}/{size}-{theme}.css", answer.body)


def _moved() -> bytes:
    """Old addresses and where they lead, as lines of an nginx `map`.

    nginx compares without regard to case, and the file has each address with and without a slash
    at its end, percent signs or not: of what articles/oldpaths.py tries, all but what is added when
    a link is passed on.
    """
    moved: dict[str, str] = {}
    old = Article.objects.public().exclude(legacy_url="").order_by("id")
    for article in old.only("id", "published_at", "legacy_url", "legacy_path").iterator():
        target = article.get_absolute_url()
        path, mark, query = article.legacy_path.partition("?")
        for each in dict.fromkeys((path, escape_uri_path(path))):
            for slashed in (each.rstrip("/"), each.rstrip("/") + "/"):
                if slashed:
                    moved[f"{slashed}{mark}{query}".lower()] = target
    for page in Page.objects.only("slug"):
        for path in (f"/{page.slug}", f"/{page.slug}/"):
            moved.setdefault(path.lower(), page.get_absolute_url())
    lines = (
        f'"{_quoted(path)}" {target};\n'
        for path, target in sorted(moved.items())
        if path.startswith("/") and path.isprintable()
    )
    return "".join(lines).encode()


def _quoted(path: str) -> str:
    return path.replace("\\", "\\\\").replace('"', '\\"')


def _only(folder: Folder, under: str, kept: set[str]) -> None:
    """Take away what stands in a part of the folder and doesn't belong there."""
    root = folder.root / under
    if not root.is_dir():
        return
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(folder.root))
        if path.is_file() and name not in kept:
            path.unlink()
