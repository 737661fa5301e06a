"""Photos: what is taken in, what the renditions are, what is refused and leaves no trace."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from articles import renditions
from articles.models import Photo
from articles.models.photo import LADDER
from articles.renditions import BadPicture, Description, add_photo
from tests.factories import picture

pytestmark = pytest.mark.django_db

RED, GREEN, BLUE, WHITE, BLACK = (
    (255, 0, 0), (0, 128, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0),
)  # fmt: skip
SECRET = b"36.0671N 120.3826E"


def saved(image: Image.Image, extension: str, **options: Any) -> bytes:
    """An image's file."""
    file = io.BytesIO()
    image.save(file, extension, **options)
    return file.getvalue()


def add(content: bytes, name: str = "a.jpg") -> Photo:
    """A file's photo."""
    return add_photo(io.BytesIO(content), name)


def files(media: Path) -> set[Path]:
    """Every file of the library: renditions and originals."""
    return {path for path in media.parent.rglob("*") if path.is_file()}


def rendition(media: Path, photo: Photo, extension: str = "jpg") -> Image.Image:
    """A photo's widest rendition."""
    image = Image.open(media / photo.rendition_name(max(photo.widths), extension))
    image.load()
    return image


def colour(media: Path, photo: Photo, x: int = -1, y: int = -1) -> tuple[int, int, int]:
    """The nearest of five colours to a pixel of a rendition; the middle one if none is named."""
    image = rendition(media, photo)
    at = (image.width // 2 if x < 0 else x, image.height // 2 if y < 0 else y)
    seen = image.getpixel(at)
    assert isinstance(seen, tuple)
    far = {
        known: sum(abs(part - other) for part, other in zip(known, seen, strict=True))
        for known in (RED, GREEN, BLUE, WHITE, BLACK)
    }
    nearest = min(far, key=far.__getitem__)
    assert far[nearest] < 30, seen
    return nearest


# -- the ladder ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "widths"),
    [
        ((1, 1), [1]),
        ((319, 200), [319]),
        ((320, 200), [320]),
        ((639, 2000), [320]),
        ((640, 10), [320, 640]),
        ((1599, 900), [320, 640, 960, 1280]),
        ((1600, 900), list(LADDER)),
        ((5000, 3000), list(LADDER)),
        ((1080, 16383), [320, 640, 960]),
        ((1080, 16384), [320, 640, 960]),
        ((1080, 30000), [320]),
        ((1080, 60000), [294]),
        ((200, 20000), [163]),
        ((60000, 100), list(LADDER)),
    ],
)
def test_the_ladder_never_upscales_and_fits_every_format(
    size: tuple[int, int], widths: list[int]
) -> None:
    assert renditions.widths_for(*size) == widths
    photo = Photo(width=size[0], height=size[1])
    assert all(photo.rendition_height(width) <= 16383 for width in widths)


@pytest.mark.parametrize("size", [(1, 1), (300, 200), (700, 500), (1600, 1067), (2000, 3)])
def test_every_rendition_is_there_in_its_size_and_format(
    media: Path, size: tuple[int, int]
) -> None:
    photo = add(picture(*size).getvalue())
    assert (photo.width, photo.height) == size
    expected = {f"{photo.token}-{width}.{ext}" for width in photo.widths for ext in ("webp", "jpg")}
    assert {path.name for path in media.iterdir()} == expected
    for width in photo.widths:
        for extension, kind in (("webp", "WEBP"), ("jpg", "JPEG")):
            with Image.open(media / photo.rendition_name(width, extension)) as image:
                image.load()
                assert (image.format, image.mode) == (kind, "RGB")
                assert image.size == (width, max(1, round(size[1] * width / size[0])))


def test_a_picture_too_long_for_webp_is_narrowed(media: Path) -> None:
    photo = add(saved(Image.new("RGB", (400, 24000), "red"), "PNG"))
    assert photo.widths == [273]
    assert rendition(media, photo, "webp").size == (273, 16380)
    assert colour(media, photo) == RED


def test_the_original_is_kept_untouched(media: Path) -> None:
    content = picture(700, 500).getvalue()
    photo = add(content, "../海.jpg")
    assert (photo.name, Path(photo.original.name or "").suffix) == ("海.jpg", ".jpg")
    with photo.original.open() as original:
        assert original.read() == content
    assert (media.parent / "originals" / str(photo.original)).is_file()
    assert media not in Path(photo.original.path).parents


@pytest.mark.parametrize(
    ("wanted", "given"), [(1, 320), (320, 320), (321, 640), (640, 640), (5000, 640)]
)
def test_addresses_are_of_the_smallest_rendition_wide_enough(wanted: int, given: int) -> None:
    photo = Photo(sha256="a" * 64, width=700, height=500, widths=[320, 640])
    assert renditions.url(photo, wanted) == f"/media/{'a' * 16}-{given}.jpg"
    assert renditions.url(photo, wanted, "webp") == f"/media/{'a' * 16}-{given}.webp"


def test_srcset_names_every_width() -> None:
    photo = Photo(sha256="a" * 64, width=700, height=500, widths=[320, 640])
    stem = f"/media/{'a' * 16}"
    assert renditions.srcset(photo, "webp") == f"{stem}-320.webp 320w, {stem}-640.webp 640w"


# -- the same bytes twice ------------------------------------------------------------------------


def test_the_same_bytes_twice_are_one_photo(media: Path) -> None:
    content = picture().getvalue()
    first = add_photo(io.BytesIO(content), "a.jpg", Description(alt="甲", caption="乙"))
    before = {path: path.stat().st_mtime_ns for path in files(media)}
    with CaptureQueriesContext(connection) as queries:
        second = add_photo(io.BytesIO(content), "b.png", Description(alt="丙"))
    assert len(queries) == 1
    assert second == first
    assert (second.alt, second.caption, second.name) == ("甲", "乙", "a.jpg")
    assert {path: path.stat().st_mtime_ns for path in files(media)} == before


def test_the_same_bytes_at_the_same_time_are_one_photo() -> None:
    content = picture().getvalue()
    others: list[Photo] = []

    def be_quicker(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("SAVEPOINT") and not others:
            others.append(Photo())
            others[:] = [add(content)]
        return execute(sql, *rest)

    with connection.execute_wrapper(be_quicker):
        photo = add(content)
    assert others == [photo]
    assert Photo.objects.count() == 1


# -- cameras -------------------------------------------------------------------------------------

STORED_AS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def corners() -> Image.Image:
    """A picture whose corners tell how it is turned."""
    image = Image.new("RGB", (120, 80), WHITE)
    for spot, shade in (((0, 0), RED), ((60, 0), GREEN), ((0, 40), BLUE)):
        image.paste(shade, (*spot, spot[0] + 60, spot[1] + 40))
    return image


@pytest.mark.parametrize("extension", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_cameras_orientation_is_applied(media: Path, orientation: int, extension: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = corners()
    stored = image.transpose(STORED_AS[orientation]) if orientation > 1 else image
    photo = add(saved(stored, extension, exif=exif.tobytes(), quality=95))
    assert (photo.width, photo.height) == (120, 80)
    seen = [colour(media, photo, x, y) for x, y in ((20, 20), (100, 20), (20, 60), (100, 60))]
    assert seen == [RED, GREEN, BLUE, WHITE]


@pytest.mark.parametrize("orientation", [0, 9, 200])
def test_senseless_orientations_are_ignored(media: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = add(saved(corners(), "JPEG", exif=exif.tobytes(), quality=95))
    assert colour(media, photo, 20, 20) == RED


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("extension", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    "exif", [b"Exif\0\0garbage, all of it", b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01\x03\0\x01"]
)
def test_broken_exif_says_nothing(media: Path, extension: str, exif: bytes) -> None:
    photo = add(saved(corners(), extension, exif=exif))
    assert (photo.width, photo.height) == (120, 80)


@pytest.mark.parametrize("profiled", [True, False])
@pytest.mark.parametrize("extension", ["JPEG", "PNG", "WEBP"])
def test_renditions_hold_nothing_of_what_a_camera_wrote(
    media: Path, extension: str, profiled: bool
) -> None:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (36.0, 4.0, 1.6)
    options: dict[str, Any] = {"exif": exif.tobytes()}
    if profiled:
        options["icc_profile"] = profile()
    if extension == "PNG":
        about = PngImagePlugin.PngInfo()
        about.add_text("Comment", SECRET.decode())
        about.add_itxt("XML:com.adobe.xmp", f"<x:xmpmeta>{SECRET.decode()}</x:xmpmeta>")
        options["pnginfo"] = about
    else:
        options["xmp"] = b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"
    if extension == "JPEG":
        options["comment"] = SECRET
    content = saved(corners(), extension, **options)
    assert SECRET in content
    photo = add(content)
    for file in media.iterdir():
        assert SECRET not in file.read_bytes()
        with Image.open(file) as image:
            image.load()
            assert not dict(image.getexif())
            assert not {"exif", "xmp", "icc_profile", "comment", "photoshop"} & set(image.info)
    with photo.original.open() as original:
        assert SECRET in original.read()


def test_a_phones_picture_with_more_pictures_behind_it(media: Path) -> None:
    content = saved(
        corners(), "MPO", save_all=True, append_images=[Image.new("RGB", (120, 80), "black")]
    )
    with Image.open(io.BytesIO(content)) as image:
        assert image.format == "MPO"
    photo = add(content)
    assert (photo.original.name or "").endswith(".jpg")
    assert colour(media, photo, 20, 20) == RED


# -- colours -------------------------------------------------------------------------------------


def profile(swapped: bool = False) -> bytes:
    """An sRGB profile, or one in which red and blue have changed places."""
    content = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    if swapped:
        for old, new in ((b"rXYZ", b"????"), (b"bXYZ", b"rXYZ"), (b"????", b"bXYZ")):
            content = content.replace(old, new, 1)
    return content


@pytest.mark.parametrize("extension", ["JPEG", "PNG", "WEBP"])
def test_profiles_are_converted_to_srgb(media: Path, extension: str) -> None:
    image = Image.new("RGB", (40, 30), RED)
    photo = add(saved(image, extension, icc_profile=profile(swapped=True), quality=95))
    assert colour(media, photo) == BLUE


def test_a_palettes_profile_is_converted_too(media: Path) -> None:
    image = Image.new("RGB", (40, 30), RED).convert("P", palette=Image.Palette.ADAPTIVE)
    photo = add(saved(image, "PNG", icc_profile=profile(swapped=True)))
    assert colour(media, photo) == BLUE


def test_broken_profiles_say_nothing(media: Path) -> None:
    for broken in (b"no profile" * 30, profile()[:200]):
        shade = Image.new("RGB", (40, 30), RED)
        assert colour(media, add(saved(shade, "JPEG", icc_profile=broken))) == RED
    grey = Image.new("L", (40, 30), 255)  # a profile for three channels
    assert colour(media, add(saved(grey, "PNG", icc_profile=profile()))) == WHITE


def clear(mode: str, **options: Any) -> tuple[str, Image.Image, dict[str, Any]]:
    """A case: a fully transparent black picture."""
    image = Image.new(mode, (40, 30), (0,) * len(mode) if mode != "P" else 0)
    return f"{mode} {' '.join(options)}", image, options


@pytest.mark.parametrize(
    ("image", "extension", "options"),
    [
        pytest.param(image, extension, options, id=f"{extension} {name}")
        for extension, (name, image, options) in (
            ("PNG", clear("RGBA")),
            ("PNG", clear("RGBA", icc_profile=profile())),
            ("WEBP", clear("RGBA", lossless=True)),
            ("WEBP", clear("RGBA", lossless=True, icc_profile=profile())),
            ("PNG", clear("LA")),
            ("PNG", clear("LA", icc_profile=profile())),
            ("PNG", clear("P", transparency=0)),
            ("PNG", clear("P", transparency=0, icc_profile=profile())),
            ("PNG", clear("RGB", transparency=(0, 0, 0))),
            ("PNG", clear("L", transparency=0)),
            ("GIF", clear("P", transparency=0)),
        )
    ],
)
def test_transparency_becomes_white(
    media: Path, image: Image.Image, extension: str, options: dict[str, Any]
) -> None:
    assert colour(media, add(saved(image, extension, **options))) == WHITE


def test_half_transparency_is_blended(media: Path) -> None:
    photo = add(saved(Image.new("RGBA", (40, 30), (0, 0, 0, 128)), "PNG"))
    shade = rendition(media, photo).getpixel((20, 15))
    assert isinstance(shade, tuple)
    assert all(abs(part - 127) < 4 for part in shade)


@pytest.mark.parametrize("options", [{}, {"icc_profile": profile()}])
def test_cmyk(media: Path, options: dict[str, bytes]) -> None:
    image = Image.new("CMYK", (40, 30), (0, 255, 255, 0))
    assert colour(media, add(saved(image, "JPEG", quality=95, **options))) == RED


def test_palettes_and_single_bits(media: Path) -> None:
    image = Image.new("RGB", (40, 30), BLUE).convert("P", palette=Image.Palette.ADAPTIVE)
    assert colour(media, add(saved(image, "GIF"))) == BLUE
    assert colour(media, add(saved(image, "PNG"))) == BLUE
    assert colour(media, add(saved(Image.new("1", (40, 30), 1), "PNG"))) == WHITE
    assert colour(media, add(saved(Image.new("1", (40, 30), 0), "PNG"))) == BLACK


@pytest.mark.parametrize(("value", "seen"), [(0, 0), (128 * 257, 128), (65535, 255)])
def test_sixteen_bits_of_grey(media: Path, value: int, seen: int) -> None:
    photo = add(saved(Image.new("I;16", (40, 30), value), "PNG"))
    shade = rendition(media, photo).getpixel((20, 15))
    assert isinstance(shade, tuple)
    assert all(abs(part - seen) < 4 for part in shade)


@pytest.mark.parametrize("extension", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_picture_is_shown(media: Path, extension: str) -> None:
    frames = [Image.new("RGB", (40, 30), shade) for shade in (RED, BLUE, BLACK)]
    photo = add(saved(frames[0], extension, save_all=True, append_images=frames[1:]))
    assert colour(media, photo) == RED


# -- what is refused -----------------------------------------------------------------------------


def claiming(width: int, height: int) -> bytes:
    """A small PNG that says it is large."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def text_bomb() -> bytes:
    """A PNG whose comment unpacks to far more than it is."""
    about = PngImagePlugin.PngInfo()
    about.add_text("Comment", "0" * 80_000_000, zip=True)
    return saved(Image.new("RGB", (4, 4)), "PNG", pnginfo=about)


WHOLE = {
    kind: picture(64, 48, extension=kind).getvalue() for kind in ("JPEG", "PNG", "WEBP", "GIF")
}

HOSTILE = {
    "nothing": (b"", "文件是空的"),
    "too many bytes": (WHOLE["JPEG"] + bytes(renditions.MAX_BYTES), "图片超过 40 MB"),
    "html": (b"<!doctype html><script>alert(1)</script>", "不是 JPEG"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "不是 JPEG"),
    "tiff": (saved(Image.new("RGB", (9, 9)), "TIFF"), "不是 JPEG"),
    "bmp": (saved(Image.new("RGB", (9, 9)), "BMP"), "不是 JPEG"),
    "icon": (saved(Image.new("RGB", (16, 16)), "ICO"), "不是 JPEG"),
    "pdf": (saved(Image.new("RGB", (9, 9)), "PDF"), "不是 JPEG"),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "不是 JPEG"),
    "zip": (b"PK\x03\x04" + bytes(100), "不是 JPEG"),
    "php behind a magic number": (b"GIF89a<?php system($_GET['c']); ?>", "图片"),
    "huge": (claiming(30_000, 30_000), "图片超过 6000 万像素"),
    "large": (claiming(10_000, 7_000), "图片有 10000×7000 像素，超过 6000 万像素"),
    "wide": (claiming(2**31 - 1, 1), "图片"),
    "flat": (claiming(0, 10), "图片"),
    "less than claimed": (claiming(3_000, 3_000), "图片已损坏"),
    "long": (saved(Image.new("RGB", (1, 20_000)), "PNG"), "太长了"),
    "text bomb": (text_bomb(), "图片已损坏"),
    **{f"half a {kind}": (whole[: len(whole) // 2], "图片") for kind, whole in WHOLE.items()},
    **{f"head of a {kind}": (whole[:12], "图片") for kind, whole in WHOLE.items()},
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("called", ["a.png", "a.jpg"])
def test_what_is_no_picture_is_refused_and_leaves_no_trace(
    media: Path, name: str, called: str
) -> None:
    content, reason = HOSTILE[name]
    with pytest.raises(BadPicture, match=reason):
        add(content, called)
    with pytest.raises(BadPicture, match=reason):
        renditions.check(io.BytesIO(content))
    assert not Photo.objects.exists()
    assert files(media) == set()


def test_a_check_writes_nothing(media: Path) -> None:
    content = WHOLE["JPEG"]
    sha256 = renditions.check(io.BytesIO(content))
    assert not Photo.objects.exists()
    assert files(media) == set()
    assert add(content).sha256 == sha256


FULL = [
    *WHOLE.values(),
    saved(
        corners(),
        "JPEG",
        exif=b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\6\0\0\0",
        icc_profile=profile(),
    ),
    saved(corners().convert("CMYK"), "JPEG", icc_profile=profile()),
    saved(corners().convert("P"), "PNG", icc_profile=profile(), transparency=3),
]


@pytest.mark.filterwarnings("ignore")
@given(
    whole=st.sampled_from(FULL),
    damage=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=6))
    ),
    kept=st.floats(0, 1),
)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_damaged_picture_is_taken_or_refused_and_nothing_else(
    whole: bytes, damage: list[tuple[float, bytes]], kept: float
) -> None:
    content = bytearray(whole)
    for place, change in damage:
        start = int(place * len(content))
        content[start : start + len(change)] = change
    try:
        photo = add(bytes(content[: int((0.3 + kept) * len(content))]))
    except BadPicture as error:
        assert str(error)
    else:
        assert photo.pk
