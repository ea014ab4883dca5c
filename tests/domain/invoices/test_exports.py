"""The folder as a file: all of it in a workbook, readable on paper, harmless to open."""

import io

import pytest
from openpyxl import load_workbook

from app.domain.invoices import checking, columns, exports, folder
from app.domain.invoices.errors import FolderTooLarge, NothingToExport
from app.domain.invoices.folder import Wanted
from app.domain.invoices.owners import Owner
from app.gateways.exchange import InvoiceDetail, InvoiceParty, InvoiceState
from app.kit import pdf
from tests.domain.invoices.conftest import Platform, invoice_of, number_of, person

pytestmark = pytest.mark.usefixtures("db", "platform")


async def filled(platform: Platform) -> Owner:
    owner = await person()
    platform.states[number_of(2)] = InvoiceState.RED
    platform.details[number_of(1)] = InvoiceDetail(seller=InvoiceParty("=HYPERLINK(1)\x0b有限公司"))
    for serial in (1, 2):
        found = await checking.check(owner, invoice_of(serial))
        assert found.snapshot is not None
        await folder.save(owner, found.snapshot.id, ["差旅"], "@出差")
    await checking.check(owner, invoice_of(3))
    return owner


async def test_a_workbook_has_every_chosen_invoice_and_the_sum(platform: Platform) -> None:
    owner = await filled(platform)
    sheet = load_workbook(io.BytesIO(await exports.xlsx(owner, Wanted(is_saved=True)))).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert tuple(rows[0]) == columns.COLUMNS
    assert {row[2] for row in rows[1:3]} == {number_of(1), number_of(2)}
    assert {row[5] for row in rows[1:3]} == {"正常", "红冲"}
    assert (len(rows), str(rows[3][4])) == (4, "100")
    assert {sheet.cell(row, 5).number_format for row in (2, 3, 4)} == {"#,##0.00"}
    assert sheet.freeze_panes == "A2", "the headings stay in sight"
    texts = {str(cell) for row in rows for cell in row}
    assert {"'=HYPERLINK(1)有限公司", "'@出差"} <= texts, "nothing is taken for a formula"


async def test_a_pdf_is_made_of_the_same(platform: Platform) -> None:
    printed = await exports.printed(await filled(platform), Wanted())
    assert printed.startswith(b"%PDF-")


async def test_every_page_has_the_headings_and_its_number(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells: list[str] = []
    cell = pdf.Sheet.cell

    def written(sheet: pdf.Sheet, w: float, h: float, text: str = "", **how: object) -> bool:
        cells.append(text)
        return bool(cell(sheet, w, h, text, **how))  # type: ignore[arg-type]  # As they were given.

    monkeypatch.setattr(pdf.Sheet, "cell", written)
    owner = await person()
    for serial in range(30):
        await checking.check(owner, invoice_of(serial), is_paced=False)
    await exports.printed(owner, Wanted())
    assert cells.count("发票号码") == 2
    assert [text for text in cells if text.startswith("第")] == ["第 1 页，共 {nb} 页", "第 2 页，共 {nb} 页"]


async def test_nothing_and_too_much_are_refused(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NothingToExport):
        await exports.xlsx(await person(), Wanted())
    monkeypatch.setattr(exports, "MOST", 2)
    owner = await filled(platform)
    with pytest.raises(FolderTooLarge):
        await exports.printed(owner, Wanted())
