"""Takes in the messages of a department system from a file: CSV, XLSX or JSON Lines, each row a message."""

import argparse
import csv
import sys
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TextIO

import orjson

from app.commands import acting, database
from app.commands.import_bar import import_bar

if TYPE_CHECKING:
    from app.domain.partners.kinds import Answer

_ROWS_AT_ONCE: Final = 500
_LONGEST_LINE: Final = 2**16
_LISTS: Final = ("documents",)
_BETWEEN: Final = "、,;，； "
_WORDS: Final = {
    "applied": "已入库",
    "parked": "等待前序",
    "duplicate": "重复",
    "refused": "拒绝",
    "dead": "转人工",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares ``import``."""
    deeds = parser.add_subparsers(required=True, metavar="DEED", dest="deed")
    take = deeds.add_parser("import", help="从文件导入办件消息；中断后重新运行即可，已导入的算重复")
    take.add_argument("file", type=Path, metavar="FILE", help="CSV、XLSX 或 JSON Lines，首行为字段名")
    take.add_argument("--system", required=True, metavar="CODE", help="代表哪个对接系统")
    take.add_argument("--report", type=Path, metavar="FILE", help="逐行结果（CSV），默认放在文件旁")


def run(args: argparse.Namespace) -> int:
    """Takes the file in; answers 1 if a row was refused."""
    try:
        return database.done(_run, args)
    except KeyboardInterrupt:
        sys.stderr.write("已中断；已导入的不会丢失，重新运行即可继续\n")
        return 130


async def _run(args: argparse.Namespace) -> int:
    from app.domain.partners import systems
    from app.domain.partners.errors import SystemSuspended
    from app.kit import audit

    async with database.opened():
        member = await acting.acting_member()
        systems.check_exchange(member)
        system = await systems.find(args.system)
        if not system.is_active:
            raise SystemSuspended
        detail = {"bytes": args.file.stat().st_size}  # Told first: what comes in before it breaks stays.
        await audit.record(member.caller_id, "partner.import_began", f"partner:{system.code}", detail=detail)
        report = args.report or args.file.with_name(f"{args.file.name}.report.csv")
        with report.open("w", encoding="utf-8-sig", newline="") as file:
            counts = await _take_in(args.file, system.id, system.field_map, file)
        detail = {"rows": counts.total(), "refused": counts["refused"], "dead": counts["dead"]}
        await audit.record(member.caller_id, "partner.imported", f"partner:{system.code}", detail=detail)
    told = "，".join(f"{_WORDS[name]} {counts[name]}" for name in _WORDS if counts[name])
    sys.stdout.write(f"共 {counts.total()} 行：{told or '没有内容'}\n逐行结果：{report}\n")
    return 1 if counts["refused"] or counts["dead"] else 0


async def _take_in(
    path: Path, system_id: int, field_map: Mapping[str, Any] | None, report: TextIO
) -> Counter[str]:
    """Read, take in and report page by page; each page is committed before the next is read."""
    from app.domain.partners.mapping import FieldMap
    from app.partner_api.reading import push

    mapping, counts = FieldMap.read(field_map) or FieldMap(), Counter[str]()
    told = csv.writer(report)
    told.writerow(["行号", "序号", "结果", "错误代码", "说明"])
    with import_bar(path.name) as tell:
        rows = _messages(path)
        while page := list(islice(rows, _ROWS_AT_ONCE)):
            answers = await push(system_id, [row for _, row in page], mapping, is_paced=False)
            told.writerows(_line(number, answer) for (number, _), answer in zip(page, answers, strict=True))
            report.flush()
            counts.update(answer.outcome.value for answer in answers)
            tell(counts.total())
    return counts


def _line(number: int, answer: "Answer") -> Sequence[object]:
    from app.kit.spreadsheets import harmless

    words = (answer.code or "", harmless(answer.detail or ""))
    return (number, answer.sequence or "", _WORDS[answer.outcome.value], *words)


def _messages(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a file with their line numbers, by the names of the first line; empty cells say nothing."""
    from app.kit import tables

    if _is_json_lines(path):
        yield from _json_lines(path)
        return
    lines = tables.rows_of(path)
    heading = [_text(cell).strip() for cell in next(lines, [])]
    for number, cells in enumerate(lines, start=2):
        row = {name: _text(cell).strip() for name, cell in zip(heading, cells, strict=False)}
        given: dict[str, Any] = {name: text for name, text in row.items() if name and text}
        for name in _LISTS:
            if name in given:
                given[name] = _items(given[name])
        if given:
            yield number, given


def _is_json_lines(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(64).removeprefix(BOM_UTF8).lstrip().startswith(b"{")


def _json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each line a message as it would be pushed; kinds have fields of their own, so lines differ.

    A line that is no object, or endless, tells of no kind, so that its row is refused.
    """
    with path.open("rb") as file:
        for number, line in enumerate(_lines(file), start=1):
            if line.isspace():
                continue
            try:
                said = orjson.loads(line)
            except orjson.JSONDecodeError:
                said = None
            yield number, said if isinstance(said, dict) else {}


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file without its byte order mark; of one that is too long only the beginning."""
    file.seek(len(BOM_UTF8) if file.read(len(BOM_UTF8)) == BOM_UTF8 else 0)
    while line := file.readline(_LONGEST_LINE):
        yield line
        while not line.endswith(b"\n") and (line := file.readline(_LONGEST_LINE)):
            pass


def _text(cell: object) -> str:
    """A cell's text; what is no text becomes a value no field takes, so that its row is refused."""
    return cell if isinstance(cell, str) else "\0"


def _items(text: str) -> list[str]:
    for sign in _BETWEEN:
        text = text.replace(sign, " ")
    return text.split()
