"""Screenshots of every kind of page, on the desk and the phone, light and dark; a sheet of all."""

import shutil
from html import escape
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser

from tests.audit.site import Site
from tests.kinds import DEVICES

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# Those below the view are fetched when they come near it; one that is missing shows as such.
ALL_PICTURES = """() => Promise.race([
  new Promise(resolve => setTimeout(resolve, 5000)),
  Promise.all([...document.images].map(image => {
    image.loading = "eager";
    return image.decode().catch(() => null);
  })),
])"""
HEAD = """<!DOCTYPE html>
<html lang="zh-CN"><meta charset="utf-8"><title>信网：每种页面的截图</title>
<style>
body { margin: 24px; font: 14px/1.5 sans-serif; background: #888; }
section { display: grid; grid-template-columns: 3fr 3fr 1fr 1fr; gap: 16px; align-items: start; }
h2 { margin: 32px 0 8px; } img { width: 100%; display: block; } a { color: inherit; }
</style>
<h1>每种页面：电脑、手机，浅色、深色</h1>
"""


def shoot(browser: Browser, site: Site, folder: Path) -> int:
    """Empty the folder and fill it; how many pictures it has. About a second each."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    count = 0
    for device, options in DEVICES.items():
        with browser.new_context(base_url=site.url, **options, reduced_motion="reduce") as context:
            page = context.new_page()
            for name, path in site.kinds.items():
                page.goto(path)
                page.evaluate(ALL_PICTURES)
                for theme in THEMES:
                    page.emulate_media(color_scheme=theme)
                    page.screenshot(path=folder / f"{name}-{device}-{theme}.png", full_page=True)
                    page.screenshot(path=folder / f"{name}-{device}-{theme}-first.png")
                    count += 2
    _write_sheet(site, folder)
    return count


def _write_sheet(site: Site, folder: Path) -> None:
    rows = []
    for name, path in site.kinds.items():
        shots = "".join(
            f'<a href="{name}-{device}-{theme}.png">'
            f'<img src="{name}-{device}-{theme}-first.png" alt="{name}，{device}，{theme}"></a>'
            for device in DEVICES
            for theme in THEMES
        )
        rows.append(f"<h2>{escape(name)} <small>{escape(path)}</small></h2>\n"
                    f"<section>{shots}</section>\n")  # fmt: skip
    (folder / "index.html").write_text(HEAD + "".join(rows), encoding="utf-8")
