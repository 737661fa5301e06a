"""QR codes as SVG, to go on reading on the phone.

Dark on light always, whatever the theme, with the standard's quiet zone of four modules and error
level M (ISO/IEC 18004 asks for them; phones fail otherwise); `crispEdges` against seams between
modules.
"""

import io
from functools import lru_cache

import segno

_LOOK = {"border": 4, "dark": "#1a1a1a", "light": "#ffffff", "omitsize": True, "lineclass": None}


@lru_cache(maxsize=1024)
def svg(address: str, label: str) -> str:
    """An inline `<svg>` of `address`."""
    drawing: str = _code(address).svg_inline(**_LOOK, svgclass="qr__code", title=label)
    return _crisp(drawing)


def image(address: str) -> str:
    """An SVG file of `address`, for `<img>`."""
    file = io.BytesIO()
    _code(address).save(file, kind="svg", xmldecl=False, nl=False, svgclass=None, **_LOOK)
    return _crisp(file.getvalue().decode())


def _code(address: str) -> segno.QRCode:
    return segno.make_qr(address, error="m", boost_error=False)


def _crisp(drawing: str) -> str:
    return drawing.replace("<svg ", '<svg shape-rendering="crispEdges" ', 1)
