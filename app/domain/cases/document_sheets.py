"""How a document looks on paper: A4, with the code by which anybody may check that it is ours."""

from datetime import datetime
from typing import Final

from fpdf.enums import Align

from app.domain.cases.document_codes import SHOWN_DIGEST, address, grouped
from app.domain.cases.document_texts import Paper
from app.kit.pdf import Sheet

_MARGIN: Final = 28.0
_FOOT_Y: Final = 242.0
_CODE_SIDE: Final = 30.0
_NO_SEAL: Final = (
    "本件未加盖电子印章：本系统没有接入电子印章服务。"
    "本件供告知和查询使用，真伪以核验结果为准；需要盖章件的，请向出具部门领取。"
)


def drawn(paper: Paper, dated_at: datetime, code: str, sha256: str) -> bytes:
    """A document as a PDF file; the same document is the same file, byte for byte."""
    sheet = Sheet(paper.title, dated_at)
    sheet.set_margins(_MARGIN, 30, _MARGIN)
    sheet.set_auto_page_break(auto=True, margin=297 - _FOOT_Y + 4)
    sheet.add_page()
    sheet.size(22)
    sheet.cell(0, 16, paper.title, align="C", new_x="LMARGIN", new_y="NEXT")
    sheet.size(10)
    sheet.cell(0, 8, f"办件编号：{paper.case_number}", align="C", new_x="LMARGIN", new_y="NEXT")
    sheet.ln(8)
    sheet.size(14)
    sheet.paragraph(f"{paper.addressee}：", indent=0, line=9)
    for words in paper.paragraphs:
        sheet.paragraph(words, line=9)
    sheet.ln(5)
    sheet.size(12)
    sheet.rows(paper.facts, label=30, line=8)
    sheet.ln(8)
    sheet.size(14)
    sheet.paragraph(paper.signed_by, indent=0, align=Align.R, line=9)
    sheet.paragraph(paper.dated_on, indent=0, align=Align.R, line=9)
    _foot(sheet, code, sha256)
    return sheet.file()


def _foot(sheet: Sheet, code: str, sha256: str) -> None:
    """At the foot of the last page: the code, the digest, and that there is no seal."""
    sheet.set_auto_page_break(auto=False)
    sheet.set_draw_color(160)
    sheet.line(_MARGIN, _FOOT_Y, 210 - _MARGIN, _FOOT_Y)
    sheet.code(address(code, sha256), x=_MARGIN - 3, y=_FOOT_Y + 2, side=_CODE_SIDE)
    left = _MARGIN + _CODE_SIDE + 2
    sheet.set_left_margin(left)
    sheet.set_xy(left, _FOOT_Y + 5)
    sheet.size(11)
    sheet.cell(0, 6, f"核验码：{grouped(code)}", new_x="LMARGIN", new_y="NEXT")
    sheet.cell(0, 6, f"内容摘要：{sha256[:SHOWN_DIGEST]}", new_x="LMARGIN", new_y="NEXT")
    sheet.size(9)
    sheet.paragraph(_NO_SEAL, indent=0, line=4.6)
