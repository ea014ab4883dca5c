"""QR codes as pictures: error correction M, a quiet zone of four modules as ISO/IEC 18004 asks."""

import io

import segno


def png(text: str) -> bytes:
    """A PNG file with ten pixels a module, large enough to print."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", scale=10, border=4)
    return out.getvalue()


def inline(text: str) -> str:
    """An ``<svg>`` element to stand in a page, as large as the page makes it."""
    drawn: str = segno.make(text, error="m", micro=False).svg_inline(border=4, omitsize=True)
    return drawn
