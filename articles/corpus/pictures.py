"""Landscapes for an archive's photos: sky, hills, sea. Drawn, not photographed; always the same."""

import io
import math
import random
from dataclasses import dataclass
from random import Random

from PIL import Image, ImageDraw

from articles.corpus.vocabulary import SEED

PICTURES = 20
SIZE = (1200, 800)
_HOURS = (
    ("清晨", (120, 160, 205), (250, 220, 190)),
    ("正午", (70, 140, 215), (205, 230, 245)),
    ("傍晚", (80, 80, 140), (250, 170, 110)),
    ("入夜", (15, 22, 50), (70, 80, 120)),
    ("雾里", (165, 175, 185), (222, 226, 228)),
)
_PLACES = ("海湾", "群山", "岛屿", "岬角")


@dataclass(frozen=True)
class Drawn:
    """A picture's file and what is said of it."""

    name: str
    content: bytes
    alt: str
    caption: str


def draw(number: int) -> Drawn:
    """The picture of that number, from 0 to below PICTURES. Some 40 ms."""
    r = random.Random(SEED + number)  # noqa: S311 - the same picture every time
    hour, above, below = _HOURS[number % len(_HOURS)]
    place = _PLACES[number // len(_HOURS)]
    width, height = SIZE
    shade = Image.linear_gradient("L").resize(SIZE)
    image = Image.composite(Image.new("RGB", SIZE, below), Image.new("RGB", SIZE, above), shade)
    canvas = ImageDraw.Draw(image)
    x, y, radius = r.randrange(width), r.randrange(80, 300), r.randrange(25, 60)
    canvas.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(255, 245, 215))
    for layer in range(4):
        _ridge(canvas, r, 300 + 70 * layer, 1 - layer / 4.5, below)
    canvas.rectangle((0, 600, width, height), fill=_darker(above, 0.75))
    for _ in range(90):
        x, y = r.randrange(width), r.randrange(608, height)
        canvas.line((x, y, x + r.randrange(20, 120), y), fill=_darker(below, 0.9), width=2)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return Drawn(
        f"{hour}{place}.jpg", file.getvalue(), f"{hour}的{place}，前面是海。", f"{hour}的{place}。"
    )


def _ridge(
    canvas: ImageDraw.ImageDraw, r: Random, base: int, light: float, colour: tuple[int, int, int]
) -> None:
    """A line of hills, filled down to the sea."""
    width, height = SIZE
    waves = [(r.uniform(0.002, 0.012), r.uniform(0, 7), r.uniform(10, 45)) for _ in range(4)]
    line = [
        (x, base + sum(high * math.sin(x * often + at) for often, at, high in waves))
        for x in range(0, width + 8, 8)
    ]
    canvas.polygon([*line, (width, height), (0, height)], fill=_darker(colour, 0.35 + light / 3))


def _darker(colour: tuple[int, int, int], share: float) -> tuple[int, int, int]:
    red, green, blue = (int(part * share) for part in colour)
    return red, green, blue
