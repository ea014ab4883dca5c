"""Files people hand in: known by their content, looked at before they are kept, and never run."""

import hashlib
import io
import re
import struct
import unicodedata
import zipfile
import zlib
from asyncio import to_thread
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.kit import files
from app.kit.errors import InvalidInput
from app.kit.files import FileLost, Scan

__all__ = [
    "LARGEST",
    "FileLost",
    "Scan",
    "UnfitFile",
    "Upload",
    "look_at",
    "media_type_of",
    "read",
    "take_in",
]

LARGEST: Final = 20 * 1024 * 1024
"""Bytes of one file."""

_MOST_ENTRIES: Final = 5_000
_MOST_UNPACKED: Final = 200 * 1024 * 1024
_MOST_RATIO: Final = 200
_RATIO_FROM: Final = 1024 * 1024
_BLOCK: Final = 1024 * 1024
_LONGEST_NAME: Final = 100

_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
# The last part of a name, the media type, and how such a file begins.
_BARE: Final = {
    "pdf": ("application/pdf", b"%PDF-"),
    "png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    "jpg": ("image/jpeg", b"\xff\xd8\xff"),
    "jpeg": ("image/jpeg", b"\xff\xd8\xff"),
}
# The last part of a name, the media type, and the file without which a package is no such document.
_PACKED: Final = {
    "docx": (f"{_OFFICE}.wordprocessingml.document", "word/document.xml"),
    "xlsx": (f"{_OFFICE}.spreadsheetml.sheet", "xl/workbook.xml"),
    "ofd": ("application/ofd", "OFD.xml"),
}
_ZIP: Final = b"PK\x03\x04"
_CONTENTS: Final = "[Content_Types].xml"
_LONGEST_CONTENTS: Final = 1024 * 1024
# What reading a damaged package may end in.
_BROKEN: Final = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    EOFError,
    ValueError,
    OSError,
)
_TYPES: Final = "PDF、Word（docx）、Excel（xlsx）、OFD、PNG 或 JPG"
_UNSEEN: Final = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_NOT_IN_NAMES: Final = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')


class UnfitFile(InvalidInput):
    """The file is of no kind we take, or holds what we do not take."""

    code = "unfit_file"
    message = f"文件不能上传，请改用{_TYPES}，并确认文件没有损坏、不含宏"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that may be kept; ``name`` is its own name, without folders."""

    name: str
    media_type: str
    size: int
    sha256: str
    scan: Scan

    @property
    def is_picture(self) -> bool:
        return self.media_type.startswith("image/")


async def take_in(name: str, content: bytes) -> Upload:
    """Look at a file by its name and its content, and keep it.

    Keeping the same bytes twice keeps them once; a file that is refused leaves nothing behind. Raises
    UnfitFile with the reason, ScannerDown or StoreDown.
    """
    upload = await look_at(name, content)
    await files.store().put(content)
    return upload


async def look_at(name: str, content: bytes) -> Upload:
    """What a file is that may be kept; nothing is kept yet. Raises UnfitFile, or ScannerDown."""
    name = _own_name(name)
    media_type = await to_thread(media_type_of, name, content)
    found = await files.scanner().scan(content)
    if found is Scan.INFECTED:
        raise _unfit("文件带有病毒")
    sha256 = await to_thread(lambda: hashlib.sha256(content).hexdigest())
    return Upload(name, media_type, len(content), sha256, found)


async def read(sha256: str) -> bytes:
    """The bytes kept under a hash. Raises FileLost if they are gone or were changed."""
    return await files.store().read(sha256)


def media_type_of(name: str, content: bytes) -> str:
    """The media type of a file whose name and content say the same. Raises UnfitFile."""
    if not 0 < len(content) <= LARGEST:
        raise _unfit(f"文件不能为空，且不超过 {LARGEST // 1024 // 1024} MB")
    ending = Path(name).suffix.lower().removeprefix(".")
    if ending in _BARE:
        media_type, begins = _BARE[ending]
        if not content.startswith(begins):
            raise _unfit("文件内容与扩展名不符")
        return media_type
    if ending in _PACKED:
        media_type, essential = _PACKED[ending]
        if not content.startswith(_ZIP):
            raise _unfit("文件内容与扩展名不符")
        _check_package(content, essential)
        return media_type
    raise _unfit(f"只接受{_TYPES}")


def _check_package(content: bytes, essential: str) -> None:
    """A package has its essential file, no macros, no folders outside itself, and unpacks to a sane size."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = package.infolist()
            _check_entries(entries, essential)
            _unpack(package, entries)
            if _CONTENTS in package.namelist():
                # XML may be in UTF-16 too, where each of these signs has a zero beside it.
                told = package.read(_CONTENTS).replace(b"\0", b"").lower()
                if b"macroenabled" in told:
                    raise _unfit("文件含有宏，请另存为不含宏的文档")
    except _BROKEN:
        raise _unfit("文件已损坏") from None


def _check_entries(entries: Sequence[zipfile.ZipInfo], essential: str) -> None:
    """What the list of a package says of it, before anything is unpacked."""
    names = {entry.filename for entry in entries}
    if essential not in names:
        raise _unfit("文件内容与扩展名不符")
    if len(entries) > _MOST_ENTRIES or any(_is_bomb(entry) for entry in entries):
        raise _unfit("文件解压后过大")
    if any(entry.flag_bits & 1 for entry in entries):
        raise _unfit("文件已加密，请去掉密码")
    # Of two files of one name some programs open the first, others the second.
    if len(names) < len(entries) or any(_is_strange(entry) for entry in entries):
        raise _unfit("文件已损坏")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise _unfit("文件含有宏，请另存为不含宏的文档")


def _is_strange(entry: zipfile.ZipInfo) -> bool:
    """Led outside, packed as no document is, or a list of contents of a size no document has."""
    is_odd = entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    is_long = entry.filename == _CONTENTS and entry.file_size > _LONGEST_CONTENTS
    return is_odd or is_long or _leads_outside(entry.filename)


def _is_bomb(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > _RATIO_FROM and entry.file_size > _MOST_RATIO * max(entry.compress_size, 1)


def _leads_outside(name: str) -> bool:
    return name.startswith(("/", "\\")) or "\\" in name or ".." in name.split("/")


def _unpack(package: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo]) -> None:
    """Unpack everything once, into nothing: sizes and checksums that are told may be lies."""
    room = _MOST_UNPACKED
    for entry in entries:
        with package.open(entry) as packed:
            while block := packed.read(_BLOCK):
                room -= len(block)
                if room < 0:
                    raise _unfit("文件解压后过大")


def _own_name(name: str) -> str:
    """The name without folders and without signs that hide what it is. Raises UnfitFile."""
    bare = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1]).strip(". ")
    if not bare or len(bare) > _LONGEST_NAME or _UNSEEN.search(bare) or _NOT_IN_NAMES.search(bare):
        raise _unfit(f"文件名应为 1 到 {_LONGEST_NAME} 个字，不含特殊符号")
    return bare


def _unfit(reason: str) -> UnfitFile:
    return UnfitFile(f"文件不能上传：{reason}。请更换后重新上传", fields={"file": [reason]})
