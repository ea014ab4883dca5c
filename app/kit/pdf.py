"""PDF files with Chinese in them: A4 sheets with their letters embedded, so that they look alike everywhere.

The letters are Noto Serif SC and Noto Sans SC (SIL Open Font License), thirty thousand signs each; a file
carries only those it uses.
"""

import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Literal

import pylopdf_fonts_zh_cn as letters
from fpdf import FPDF
from fpdf.enums import Align, WrapMode

from app.kit import qr

Face = Literal["song", "hei"]
_NEVER_FIRST: Final = frozenset("，。、；：？！）》”’」』〉】…")
_FACES: Final = {"song": letters.serif_path, "hei": letters.sans_path}


class Sheet(FPDF):
    """A4 sheets in one face: ``song`` for papers, ``hei`` for tables. Lengths are in millimetres.

    ``made_at`` is the date inside the file; with the same words and date the bytes are the same.
    """

    def __init__(self, title: str, made_at: datetime, face: Face = "song", *, is_wide: bool = False) -> None:
        super().__init__(orientation="landscape" if is_wide else "portrait", unit="mm", format="A4")
        self.face = face
        self.add_font(face, fname=_FACES[face]())
        self.set_font(face, size=12)
        self.set_title(title)
        self.set_lang("zh-CN")
        self.set_producer("weiban")
        self.set_creation_date(made_at)

    def size(self, points: float) -> None:
        """Go on in another size."""
        self.set_font(self.face, size=points)

    def paragraph(self, text: str, *, line: float = 8, indent: int = 2, align: Align = Align.L) -> None:
        """Words over as many lines as they need, begun with blanks as wide as ``indent`` signs."""
        for part in text.splitlines():
            for words in self._lines("\u3000" * indent + part, self.epw):
                self.cell(0, line, words, align=align, new_x="LMARGIN", new_y="NEXT")

    def rows(self, facts: Sequence[tuple[str, str]], *, label: float = 38, line: float = 8) -> None:
        """Names on the left, what they stand for on the right."""
        for name, value in facts:
            self.cell(label, line, name)
            self.multi_cell(
                0, line, value, new_x="LMARGIN", new_y="NEXT", wrapmode=WrapMode.CHAR, align=Align.L
            )

    def _lines(self, text: str, width: float) -> Iterator[str]:
        """The text broken anywhere but before what ends a clause, which rather stands in the margin."""
        words, used = "", 0.0
        for sign in text:
            needs = self.get_string_width(sign)
            if used + needs > width and sign not in _NEVER_FIRST:
                yield words
                words, used = "", 0.0
            words, used = words + sign, used + needs
        yield words

    def code(self, text: str, *, x: float, y: float, side: float) -> None:
        """A QR code."""
        self.image(io.BytesIO(qr.png(text)), x=x, y=y, w=side, h=side)

    def file(self) -> bytes:
        """The file."""
        return bytes(self.output())
