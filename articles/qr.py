"""QR codes as SVG, to go on reading on the phone."""

from functools import lru_cache

import segno


@lru_cache(maxsize=1024)
def svg(address: str, label: str) -> str:
    """An inline `<svg>` of `address`: error level M, the standard's quiet zone of four modules.

    Dark on light always, whatever the theme (ISO/IEC 18004 asks for it; phones fail otherwise).
    """
    code = segno.make_qr(address, error="m", boost_error=False)
    drawing: str = code.svg_inline(
        border=4, dark="#1a1a1a", light="#ffffff", omitsize=True, svgclass="qr__code",
        lineclass=None, title=label,
    )  # fmt: skip
    return drawing
