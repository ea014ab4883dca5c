"""A census as a file: uploaded, seen with all it would change, then taken in."""

import asyncio
import base64
import binascii
import tempfile
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeVar

from sanic import HTTPResponse

from app.console.doors import Desk
from app.console.exchange.connections import CHANGERS
from app.console.forms import AskAfterDeed, said_of
from app.console.site import site
from app.domain.connections import census, census_files
from app.domain.connections.census_changes import Outlook
from app.domain.connections.errors import BadCensus, CensusMoved
from app.kit.errors import Fault
from app.kit.tables import TableRefused
from app.kit.web import Call, fields
from app.kit.web.pages import Form
from app.kit.web.pages.site import to

routes = Desk("/connections/census", name="connections", roles=CHANGERS)

LARGEST: Final = 1024 * 1024
"""Bytes of a file uploaded here; larger ones are taken in by the command ``weiban connection import``."""

_LONGEST_KEPT: Final = 2 * LARGEST  # In letters, with what packing adds to a file that packs badly.
_MOST_SHOWN: Final = 200
T = TypeVar("T")


class Upload(Form):
    file = fields.File(required=True, metadata={"description": "CSV 或 XLSX"})


class Seen(Form):
    kept = fields.Text(required=True, max=_LONGEST_KEPT, metadata={"description": "看过的文件"})
    seen = fields.Code(required=True, max=32, metadata={"description": "看过的变动"})


class FileTooLarge(TableRefused):
    """Larger than a page takes in."""

    code = "census_file_too_large"
    message = "文件为空或超过 1 MB，请分成几份上传，或联系运维人员用命令导入"


@routes.get("", query=AskAfterDeed)
async def ask_census(call: Call) -> object:
    """导入普查表：需要哪些列"""
    return _page(call, done=said_of("census", call.query["done"]))


@routes.post("", body=Upload, largest_file=LARGEST, shows_faults=True)
async def preview(call: Call) -> object:
    """上传普查表，先看会有哪些变动；有误则逐行说明"""
    if call.wrong is not None:
        return _page(call, call.wrong)
    return await _preview(call, call.body["file"].content)


@routes.post("/apply", body=Seen, largest_file=_LONGEST_KEPT, shows_faults=True)
async def apply(call: Call) -> object:
    """按看过的变动导入；变动有变化时先再看一遍"""
    content = b"" if call.wrong is not None else _unpacked(call.body["kept"])
    try:
        await _with_file(content, lambda path: census.take_in(call.caller, path, seen=call.body["seen"]))
    except CensusMoved as moved:
        return await _preview(call, content, moved)
    except (BadCensus, TableRefused) as refusal:
        return _page(call, refusal)
    return to(routes.prefix, {"done": "taken"})


async def _preview(call: Call, content: bytes, refusal: Fault | None = None) -> object:
    try:
        outlook = await _with_file(content, lambda path: census.outlook(call.caller, path))
    except (BadCensus, TableRefused) as wrong:
        return _page(call, wrong)
    return _page(call, refusal, outlook=outlook, kept=_packed(content))


async def _with_file(content: bytes, act: Callable[[Path], Awaitable[T]]) -> T:
    """Do something with what was uploaded, as the file it is. Raises FileTooLarge."""
    if not 0 < len(content) <= LARGEST:
        raise FileTooLarge(fields={"file": ["请选择不超过 1 MB 的 CSV 或 XLSX 文件"]})
    with tempfile.NamedTemporaryFile(prefix="weiban-census-") as file:
        await asyncio.to_thread(file.write, content)
        await asyncio.to_thread(file.flush)
        return await act(Path(file.name))


def _packed(content: bytes) -> str:
    """A file as its preview carries it on to the deed, so that nothing of it is kept meanwhile."""
    return base64.b64encode(zlib.compress(content)).decode()


def _unpacked(kept: str) -> bytes:
    """The file again; what nobody packed here, or packed to be larger than any upload, is an empty one."""
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(base64.b64decode(kept, validate=True), LARGEST + 1)
    except (binascii.Error, zlib.error):
        return b""
    return content if unpacking.eof else b""


def _page(
    call: Call,
    refusal: Fault | None = None,
    *,
    outlook: Outlook | None = None,
    kept: str = "",
    done: str = "",
) -> HTTPResponse:
    return site.page(
        call.request,
        "census.html",
        member=call.caller,
        required=census_files.REQUIRED,
        optional=census_files.OPTIONAL,
        refusal=refusal,
        outlook=outlook,
        most=_MOST_SHOWN,
        kept=kept,
        done=done,
    )
