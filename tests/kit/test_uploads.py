"""Files handed in: name and content agree, nothing runs, nothing bursts, and what is kept stays whole."""

import io
import os
import random
import stat
import struct
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from app.kit import files, uploads
from app.kit.uploads import FileLost, Scan, UnfitFile, media_type_of, read, take_in
from config import settings
from tests.factories.notices import PDF, PNG, package

WORD, SHEET = "word/document.xml", "xl/workbook.xml"
_MACRO_ENABLED = "application/vnd.ms-word.document.macroEnabled.main+xml"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    chosen = settings.current().model_copy(update={"files_dir": str(tmp_path / "files")})
    monkeypatch.setattr(settings, "current", lambda: chosen)
    return tmp_path / "files"


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def reason(name: str, content: bytes) -> str:
    with pytest.raises(UnfitFile) as refused:
        media_type_of(name, content)
    return refused.value.fields["file"][0]


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("a.PNG", PNG, "image/png"),
        ("a.jpeg", b"\xff\xd8\xff\xe0x", "image/jpeg"),
        ("a.docx", package(WORD), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.xlsx", package(SHEET), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("a.ofd", package("OFD.xml"), "application/ofd"),
    ],
)
def test_what_we_take(name: str, content: bytes, media_type: str) -> None:
    assert media_type_of(name, content) == media_type


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", PDF),
        ("a.pdf", b"<html>" + PDF),
        ("a.docx", package(SHEET)),
        ("a.docx", PDF),
        ("a.ofd", package(WORD)),
        ("a.xlsx", b"PK\x05\x06" + bytes(18)),
    ],
)
def test_name_and_content_have_to_agree(name: str, content: bytes) -> None:
    assert reason(name, content) == "文件内容与扩展名不符"


@pytest.mark.parametrize(
    "name", ["a.html", "a.svg", "a.exe", "a.docm", "a.xlsm", "a.zip", "a.doc", "pdf", "a.pdf.js", "a."]
)
def test_other_kinds_are_not_taken(name: str) -> None:
    assert reason(name, PDF).startswith("只接受")


def test_macros_are_not_taken() -> None:
    for content in (
        package(WORD, **{"word/vbaProject.bin": b"x"}),
        package(WORD, **{"word/VBAPROJECT.BIN": b"x"}),
        package(WORD, **{"[Content_Types].xml": _MACRO_ENABLED.encode()}),
        package(WORD, **{"[Content_Types].xml": _MACRO_ENABLED.encode("utf-16")}),
    ):
        assert "宏" in reason("a.docx", content)


def test_a_bomb_is_not_unpacked() -> None:
    assert reason("a.docx", package(WORD, bomb=bytes(30 * 1024 * 1024))) == "文件解压后过大"
    many = package(WORD, **{f"{n}": b"" for n in range(5_001)})
    assert reason("a.docx", many) == "文件解压后过大"


def test_a_package_that_lies_about_its_size_is_not_taken() -> None:
    content = bytearray(package(WORD, bomb=bytes(4 * 1024 * 1024)))
    told, real = struct.pack("<I", 100), struct.pack("<I", 4 * 1024 * 1024)
    assert content.count(real) == 2
    assert reason("a.docx", bytes(content.replace(real, told))) == "文件已损坏"


def test_broken_sealed_and_sneaky_packages_are_not_taken() -> None:
    whole = package(WORD, more=os.urandom(1000))
    assert reason("a.docx", whole[:-30]) == "文件已损坏"
    at = whole.index(b"more") + 100
    assert reason("a.docx", whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :]) == "文件已损坏"
    assert reason("a.docx", package(WORD, **{"../../etc/passwd": b"x"})) == "文件已损坏"
    sealed = io.BytesIO()
    with zipfile.ZipFile(sealed, "w") as zipped:
        zipped.writestr(WORD, "<x/>")
        zipped.infolist()[0].flag_bits |= 1
    assert "密码" in reason("a.docx", sealed.getvalue())


def test_whatever_is_broken_in_a_package_is_said_in_words() -> None:
    whole, chance = package(WORD, more=b"hello world " * 200), random.Random(4)
    for _ in range(300):
        spoilt = bytearray(whole)
        spoilt[chance.randrange(4, len(spoilt))] = chance.randrange(256)
        with suppress(UnfitFile):
            media_type_of("a.docx", bytes(spoilt))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_package_packed_as_no_document_is_is_not_taken(method: int) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as zipped:
        zipped.writestr(WORD, "<x/>")
    assert reason("a.docx", packed.getvalue()) == "文件已损坏"


def test_two_files_of_one_name_are_not_taken() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as zipped:
        zipped.writestr(WORD, "<x/>")
        with pytest.warns(UserWarning, match="Duplicate name"):
            zipped.writestr(WORD, "<y/>")
    assert reason("a.docx", packed.getvalue()) == "文件已损坏"


def test_size_is_limited() -> None:
    assert "20 MB" in reason("a.pdf", b"")
    assert "20 MB" in reason("a.pdf", PDF + bytes(uploads.LARGEST))


@pytest.mark.usefixtures("folder")
async def test_a_name_is_only_a_name() -> None:
    assert (await take_in("C:\\用户\\..\\表.pdf", PDF)).name == "表.pdf"
    assert (await take_in("/etc/表.pdf", PDF)).name == "表.pdf"
    for name in ("", "..", "a\u202efdp.exe.pdf", "a\x00.pdf", 'a".pdf', "长" * 98 + ".pdf"):
        with pytest.raises(UnfitFile):
            await take_in(name, PDF)


async def test_a_file_is_kept_once_for_us_alone_and_comes_back_whole(folder: Path) -> None:
    first, again = await take_in("一.pdf", PDF), await take_in("二.pdf", PDF)
    assert first.sha256 == again.sha256
    [kept] = files_in(folder)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert await read(first.sha256) == PDF
    assert (first.media_type, first.size, first.is_picture) == ("application/pdf", len(PDF), False)


async def test_a_refused_file_leaves_nothing(folder: Path) -> None:
    with pytest.raises(UnfitFile):
        await take_in("a.png", PDF)
    assert files_in(folder) == []


async def test_a_lost_or_changed_file_is_never_handed_out(folder: Path) -> None:
    kept = await take_in("a.pdf", PDF)
    path = folder / kept.sha256[:2] / kept.sha256
    path.write_bytes(PDF.replace(b"1.7", b"1.6"))
    with pytest.raises(FileLost):
        await read(kept.sha256)
    path.unlink()
    with pytest.raises(FileLost):
        await read(kept.sha256)


async def test_a_half_written_file_is_written_again(folder: Path) -> None:
    kept = await take_in("a.pdf", PDF)
    (folder / kept.sha256[:2] / kept.sha256).write_bytes(PDF[:5])
    await take_in("a.pdf", PDF)
    assert await read(kept.sha256) == PDF


class _Finds:
    def __init__(self, found: Scan) -> None:
        self.found = found

    async def scan(self, content: bytes) -> Scan:
        assert content
        return self.found


@pytest.fixture
def scanners() -> Iterator[None]:
    yield
    files.use_scanner(None)


@pytest.mark.usefixtures("scanners")
async def test_a_scanner_is_heard_and_its_absence_is_said(folder: Path) -> None:
    assert (await take_in("a.pdf", PDF)).scan is Scan.NOT_SCANNED
    files.use_scanner(_Finds(Scan.CLEAN))
    assert (await take_in("a.pdf", PDF)).scan is Scan.CLEAN
    files.use_scanner(_Finds(Scan.INFECTED))
    with pytest.raises(UnfitFile):
        await take_in("b.pdf", PDF + b"x")
    assert len(files_in(folder)) == 1
