"""Disks that are full: for photos, for pictures of links, for nginx's cache."""

import io
import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path

from PIL import Image

from tests import serving
from tests.chaos.fault import Fault
from tests.chaos.load import Browser, Load
from tests.chaos.running import Site

# Less than a rendition, a card or a page takes.
SMALL = "8k"
# More than fit into a megabyte, packed, with their folders.
PAGES = 160
_colours = count(1)


def may_mount() -> bool:
    """Whether a small file system can be laid over a folder: in a container root may not."""
    probe = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    return os.geteuid() == 0 and probe.returncode == 0


@contextmanager
def full(folder: Path, room: str = SMALL) -> Iterator[Path]:
    """A file system with hardly any room in place of a folder."""
    folder.mkdir(exist_ok=True)
    owner = folder.stat()
    own = f"size={room},uid={owner.st_uid},gid={owner.st_gid},mode=0755"
    subprocess.run(["mount", "-t", "tmpfs", "-o", own, "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def photos(site: Site, load: Load) -> None:
    """An upload is refused in words and leaves nothing; with room it succeeds."""
    before = site.sql("SELECT count(*) FROM articles_photo")
    for place in ("media", "originals"):
        picture = _picture()
        with full(site.var / place):
            said = _upload(site, picture)
            left = [one for one in (site.var / place).rglob("*") if one.is_file()]
        if "服务器存不下这张图片" not in said.get("error", ""):
            load.fault("upload", f"said {said}")
        if left or site.sql("SELECT count(*) FROM articles_photo") != before:
            load.fault("upload", f"left behind {left}")
    said = _upload(site, picture)
    if "id" not in said:
        load.fault("upload", f"with room: {said}")
    site.sql("DELETE FROM articles_photo WHERE id = %s", said.get("id", 0))


def cards(site: Site, load: Load) -> None:
    """A picture for links is drawn for whoever asks, kept or not."""
    browser = Browser(site.port, "127.0.6.1")
    with full(site.var / "media"):
        for _ in range(3):
            reply = browser.ask(site.card)
            if reply.status != 200:
                load.fault("card", f"{reply.status} {reply.text[:200]}")
    browser.close()


def cache(site: Site, load: Load) -> None:
    """A disk that is much smaller than the cache may be: nginx makes room, every ten seconds.

    Its margin (min_free) is made small with the disk.
    """
    said = site.folder / "site.conf"
    text, times = re.subn(r"min_free=\w+", "min_free=7m", said.read_text())
    assert times == 1
    said.write_text(text)
    with full(site.folder / "cache", "8m") as kept:
        site.reload_nginx()
        before = load.seen["other 200"]
        until = time.monotonic() + 40
        while load.seen["other 200"] < before + PAGES and time.monotonic() < until:
            time.sleep(0.5)
        time.sleep(11)
        held = sum(one.is_file() for one in kept.rglob("*"))
        asked = load.seen["other 200"] - before
        if held > asked - PAGES // 2:
            load.fault("cache", f"holds {held} of {asked} pages")
    serving.configure(site.folder, site.port, site.gunicorn.port, site.var)
    site.reload_nginx()


def _picture() -> bytes:
    number = next(_colours)
    file = io.BytesIO()
    Image.effect_noise((900, 700), 50 + number).save(file, "JPEG")  # nothing that packs well
    return file.getvalue()


def _upload(site: Site, picture: bytes) -> dict:  # type: ignore[type-arg]
    """A file as upload.js sends it; its result."""
    browser = Browser(site.port, "127.0.6.2", f"sessionid={site.session}; csrftoken={'a' * 32}")
    border = "----border"
    body = (
        (
            f'--{border}\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n'
            "Content-Type: image/jpeg\r\n\r\n"
        ).encode()
        + picture
        + f"\r\n--{border}--\r\n".encode()
    )
    reply = browser.ask(
        "/admin/articles/photo/upload/", body, **{
            "Content-Type": f"multipart/form-data; boundary={border}",
            "X-CSRFToken": "a" * 32,
            "Origin": f"http://127.0.0.1:{site.port}",
            "Accept": "application/json",
        },
    )  # fmt: skip
    browser.close()
    if reply.status != 200:
        return {"error": f"{reply.status} {reply.text[:200]}"}
    return dict(json.loads(reply.text)["results"][0])


_NEEDS = "没有挂载 tmpfs 的权限（要 root 和 CAP_SYS_ADMIN），跳过"
_full = partial(Fault, bites=False, possible=may_mount, needs=_NEEDS)
FULL = (
    _full("the disk for photos is full", photos, 2),
    _full("the disk for link pictures is full", cards, 2),
    _full("the disk for nginx's cache is too small", cache, 1),
)
