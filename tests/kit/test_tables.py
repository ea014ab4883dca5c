"""Files as offices make them are read row by row; what cannot be trusted is refused as a whole."""

import random
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from app.kit import tables
from app.kit.tables import Oddity, TableRefused, csv_files, xlsx_files


def read(path: Path) -> list[list[Any]]:
    return [list(row) for row in tables.rows_of(path)]


def written(folder: Path, content: bytes) -> Path:
    path = folder / "list.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters_are_told_apart(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = f"手机号{delimiter}税费种\r\n13800005678{delimiter}增值税㐀\r\n"
    assert read(written(tmp_path, text.encode(encoding))) == [
        ["手机号", "税费种"],
        ["13800005678", "增值税㐀"],
    ]


def test_a_heading_in_ascii_does_not_decide(tmp_path: Path) -> None:
    rows = ["openid,tax", *["o123456,vat"] * 5000, "o123456,增值税"]
    assert read(written(tmp_path, "\n".join(rows).encode("gb18030")))[-1] == ["o123456", "增值税"]


def test_quotes_hold_delimiters_and_line_breaks(tmp_path: Path) -> None:
    assert read(written(tmp_path, b'a,b\n"x,y","1\n2"\n\nz,\n')) == [
        ["a", "b"],
        ["x,y", "1\n2"],
        [],
        ["z", ""],
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "空的"),
        ("手机号,税\n1,增值税\n".encode() + "2,增值税\n".encode("gb18030"), "混用了两种编码（第 3 行"),
        ("手机号,税\n1,增值税\n".encode("gb18030") + "2,增值税\n".encode(), "混用了两种编码（第 3 行"),
        ("手机号".encode("utf-8-sig") + b"\n" + "增值税".encode("gb18030"), "混用了两种编码"),
        ("手机号\n1\n".encode("utf-16"), "UTF-16"),
        (b"\x89PNG\x00\x01", "不是 CSV"),
        (b"a" * 70_000, "过长"),
        (b'a,b\n"x,1\n', "引号"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"),
        (b"\xff\xff\xff\n", "不能识别的字符"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(TableRefused) as refused:
        read(written(tmp_path, content))
    assert why in refused.value.fields["文件"][0]


def test_short_lines_that_happen_to_be_utf8_do_not_confuse(tmp_path: Path) -> None:
    # These two signs in GB18030 are four bytes that also read as two Cyrillic letters in UTF-8.
    accident = bytes((0xD0, 0xA1, 0xD2, 0xB2))
    assert accident.decode() == "СҲ"
    path = written(tmp_path, "手机号\n".encode("gb18030") + accident + b"\n")
    assert csv_files.encoding_of(path) == "gb18030"


def test_too_large_a_file_is_refused_unread(tmp_path: Path) -> None:
    path = written(tmp_path, b"")
    with path.open("wb") as file:
        file.truncate(tables.MOST_BYTES + 1)
    with pytest.raises(TableRefused):
        tables.rows_of(path)


def book(folder: Path, *rows: list[Any]) -> Path:
    made = Workbook()
    for row in rows:
        made.active.append(row)  # type: ignore[union-attr]
    path = folder / "list.xlsx"
    made.save(path)
    return path


def test_a_workbook_gives_the_texts_of_its_cells(tmp_path: Path) -> None:
    path = book(
        tmp_path,
        ["手机号", "截止时间", "金额", "是否", None],
        [13800005678, date(2026, 12, 15), 12.5, True],
        [None, None],
        ["x", datetime.fromisoformat("2026-12-15 09:30"), 3.0, "=1+1"],
        [440106199003070012, None, None, "#N/A"],
    )
    assert read(path) == [
        ["手机号", "截止时间", "金额", "是否"],
        ["13800005678", "2026-12-15", "12.5", "是"],
        [],
        ["x", "2026-12-15 09:30", "3", Oddity.FORMULA],
        [Oddity.ROUNDED, "", "", Oddity.FAULTY],
    ]


def repacked(path: Path, change: Callable[[zipfile.ZipFile], None]) -> Path:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        change(archive)
    return path


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda one: one.writestr("xl/media/zeros", bytes(2**21)), "解压后过大"),
        (lambda one: [one.writestr(f"xl/{n}", b"") for n in range(1001)], "解压后过大"),
        (lambda one: one.writestr("xl/x.xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"), "不允许的声明"),
    ],
)
def test_what_could_do_harm_is_refused(
    tmp_path: Path, change: Callable[[zipfile.ZipFile], None], why: str
) -> None:
    with pytest.raises(TableRefused) as refused:
        read(repacked(book(tmp_path, ["手机号"]), change))
    assert why in refused.value.fields["文件"][0]


def rewritten(path: Path, part: str, told: bytes, instead: bytes) -> None:
    """Say something else in one part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert told in parts[part]
    parts[part] = parts[part].replace(told, instead)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def retyped(folder: Path, content_type: str, name: str) -> Path:
    """A workbook with one part more, of this content type."""
    path = book(folder, ["手机号"])
    listed = f'<Override PartName="/{name}" ContentType="{content_type}"/></Types>'.encode()
    rewritten(path, "[Content_Types].xml", b"</Types>", listed)
    return repacked(path, lambda archive: archive.writestr(name, b"<sst/>"))


def test_macros_are_refused_whatever_they_are_called(tmp_path: Path) -> None:
    with pytest.raises(TableRefused) as refused:
        read(retyped(tmp_path, "application/vnd.ms-office.vbaProject", "xl/pretty.xml"))
    assert "宏" in refused.value.fields["文件"][0]


def test_shared_strings_are_bounded_wherever_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_files, "_MOST_STRINGS", 2)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    with pytest.raises(TableRefused) as refused:
        read(retyped(tmp_path, kind, "xl/words.xml"))
    assert "文字过多" in refused.value.fields["文件"][0]


@pytest.mark.parametrize("keep", [100, 600])
def test_a_broken_workbook_is_refused(tmp_path: Path, keep: int) -> None:
    path = book(tmp_path, ["手机号"])
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(TableRefused):
        read(path)


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ("xl/workbook.xml", (b"<workbookView", b"<workbookView sheet=")),
        ("[Content_Types].xml", (b"ContentType=", b"ContentKind=")),
    ],
)
def test_a_workbook_that_means_nothing_is_refused(
    tmp_path: Path, part: str, wrong: tuple[bytes, bytes]
) -> None:
    path = book(tmp_path, ["手机号"], ["13800005678"])
    rewritten(path, part, *wrong)
    with pytest.raises(TableRefused):
        read(path)


@pytest.mark.parametrize("seed", range(40))
def test_no_damage_to_a_workbook_does_more_than_have_it_refused(tmp_path: Path, seed: int) -> None:
    path, chance = book(tmp_path, *([str(n), "张三"] for n in range(60))), random.Random(seed)
    damaged = bytearray(path.read_bytes())
    for _ in range(5):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    path.write_bytes(damaged)
    with suppress(TableRefused):
        read(path)


def test_an_archive_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "x")
    with pytest.raises(TableRefused):
        read(path)


def test_a_sheet_with_absurd_rows_ends(tmp_path: Path) -> None:
    path = book(tmp_path, ["手机号"], ["1"])
    rewritten(path, "xl/worksheets/sheet1.xml", b'<row r="2"', b'<row r="2000000000"')
    with pytest.raises(TableRefused) as refused:
        for _ in tables.rows_of(path):
            pass
    assert "行号" in refused.value.fields["文件"][0]


def test_a_sheet_with_absurd_columns_ends(tmp_path: Path) -> None:
    path = book(tmp_path, ["手机号"], ["1"])
    rewritten(path, "xl/worksheets/sheet1.xml", b'r="A2"', b'r="XFD2"')
    with pytest.raises(TableRefused) as refused:
        for _ in tables.rows_of(path):
            pass
    assert "列" in refused.value.fields["文件"][0]


def test_json_lines_are_a_table_by_the_keys_of_the_first(tmp_path: Path) -> None:
    lines = ['{"年度": 2025, "级别": "A", "得分": 95.5}', "", '{"年度": 2025, "得分": null}', '{"级别": [1]}']
    assert read(written(tmp_path, "\n".join(lines).encode())) == [
        ["年度", "级别", "得分"],
        ["2025", "A", "95.5"],
        [],
        ["2025", "", ""],
        ["", Oddity.NESTED, ""],
    ]


def test_the_first_row_is_the_line_people_find_it_on(tmp_path: Path) -> None:
    assert tables.first_row(written(tmp_path, b'{"a": 1}\n')) == 1
    assert tables.first_row(written(tmp_path, b"a\n1\n")) == 2


@pytest.mark.parametrize(
    ("line", "why"),
    [(b"[1]", "JSON"), (b'{"a": ', "JSON"), (b'{"b": 1}', "没有的项"), (b'{"a":"' + b"x" * 70_000, "过长")],
)
def test_a_line_that_is_no_such_object_is_refused(tmp_path: Path, line: bytes, why: str) -> None:
    with pytest.raises(TableRefused) as refused:
        read(written(tmp_path, b'{"a": 1}\n' + line))
    assert "第 2 行" in refused.value.fields["文件"][0]
    assert why in refused.value.fields["文件"][0]
