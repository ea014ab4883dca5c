"""Loading administrative regions (行政区划) of any province from a file, and how their codes nest."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from typing import NamedTuple

from app.domain.halls.errors import BadRegionFile
from app.domain.halls.spelling import joined, syllables
from app.kit import audit, db

CODE_LENGTHS = (2, 4, 6, 9, 12)
"""Digits of a code at levels one to five (统计用区划代码); each begins with its parent's code."""

_PLACEHOLDER = "00"  # A city without counties has one pseudo-county, such as 441900 under 4419 东莞市.
_TOWN = re.compile(r"(镇|乡|街道|街道办事处|民族乡|苏木)$")
_VILLAGE = re.compile(r"委会|委员会|居委|社区$")
_UNREAL = re.compile(r"虚拟|拟社区|生活区$")
_BATCH = 5000
_FAULTS_SHOWN = 20

Progress = Callable[[int, int], None]
"""Told how many of how many rows are loaded."""


class RegionRow(NamedTuple):
    """One region as it goes into the table."""

    code: str
    name: str
    level: int
    parent_code: str | None
    pinyin: str
    initials: str
    is_government: bool


def lineage(code: str) -> list[str]:
    """The codes from the province down to the region itself."""
    return [code[:length] for length in CODE_LENGTHS if length <= len(code)]


def is_government(code: str, name: str, level: int) -> bool:
    """Whether a region has a government or a committee of its own; 林场, 开发区 and 虚拟社区 have none."""
    if level == 3:
        return not code.endswith(_PLACEHOLDER)
    if level == 4:
        return _TOWN.search(name) is not None
    return level < 3 or (_VILLAGE.search(name) is not None and _UNREAL.search(name) is None)


def shipped() -> str:
    """The file of Guangdong that comes with us: statistics bureau 2023, 28,745 regions."""
    return (files("app.domain.halls") / "data" / "regions-guangdong.csv").read_text(encoding="utf-8")


def read_regions(text: str) -> list[RegionRow]:
    """The rows of a CSV ``code,name[,level][,pinyin]``, checked; ``pinyin`` as syllables spares us spelling.

    Raises :class:`BadRegionFile` naming each wrong line.
    """
    reader = csv.DictReader(text.lstrip("\ufeff").splitlines())
    if not {"code", "name"} <= set(reader.fieldnames or ()):
        raise BadRegionFile(fields={"第 1 行": ["首行应为 code,name,level"]})
    rows: list[RegionRow] = []
    faults: dict[str, list[str]] = {}
    seen: set[str] = set()
    for line in reader:
        code, name = (line["code"] or "").strip(), (line["name"] or "").strip()
        reasons = list(_faults_of(code, name, line.get("level"), seen))
        if reasons:
            faults[f"第 {reader.line_num} 行"] = reasons
            if len(faults) >= _FAULTS_SHOWN:
                break
            continue
        seen.add(code)
        rows.append(_row(code, name, line.get("pinyin")))
    if not rows and not faults:
        faults["第 2 行"] = ["文件中没有区划"]
    if faults:
        raise BadRegionFile(fields=faults)
    return rows


async def load(
    rows: Sequence[RegionRow], *, actor: str = audit.SYSTEM, progress: Progress | None = None
) -> int:
    """Put regions into the table and answer how many are new or different; all of them or none.

    A region that the file no longer has is kept: a hall may still stand in it. Raises
    :class:`BadRegionFile` if the parent of a region is neither in the file nor in the table.
    """
    async with db.transaction():
        await _check_parents(rows)
        changed = 0
        for start in range(0, len(rows), _BATCH):
            changed += await _upsert(rows[start : start + _BATCH])
            if progress:
                progress(min(start + _BATCH, len(rows)), len(rows))
        if changed:
            await audit.record(
                actor, "regions_loaded", "regions", detail={"rows": len(rows), "changed": changed}
            )
    return changed


def spelled(text: str) -> Iterator[tuple[str, str, int, str]]:
    """The rows of a region file with their syllables: what the shipped file is made by."""
    for row in read_regions(text):
        yield row.code, row.name, row.level, _spelled_out(row.name, row.code)


def _spelled_out(name: str, code: str) -> str:
    return " ".join(sound for sound in syllables(name, code) if sound)


def _faults_of(code: str, name: str, level: str | None, seen: set[str]) -> Iterator[str]:
    if not (code.isascii() and code.isdigit() and len(code) in CODE_LENGTHS):
        yield "区划代码应为 2、4、6、9 或 12 位数字"
    elif level and level.strip() != str(CODE_LENGTHS.index(len(code)) + 1):
        yield "级别与代码位数不符"
    if code in seen:
        yield "区划代码重复"
    if not 0 < len(name) <= 80:
        yield "名称应为 1 到 80 个字"


def _row(code: str, name: str, given: str | None) -> RegionRow:
    level = CODE_LENGTHS.index(len(code)) + 1
    spelling = joined((given or _spelled_out(name, code)).split())
    parent = code[: CODE_LENGTHS[level - 2]] if level > 1 else None
    return RegionRow(code, name, level, parent, *spelling, is_government(code, name, level))


async def _check_parents(rows: Sequence[RegionRow]) -> None:
    wanted = {row.parent_code for row in rows if row.parent_code} - {row.code for row in rows}
    known = await db.fetch("SELECT code FROM region WHERE code = ANY($1::text[])", list(wanted))
    missing = sorted(wanted - {row["code"] for row in known})[:_FAULTS_SHOWN]
    if missing:
        raise BadRegionFile(fields={code: ["缺少这个上级区划，请先加载上级"] for code in missing})


async def _upsert(rows: Sequence[RegionRow]) -> int:
    # One statement with seven arrays: as quick as COPY, and it can tell what was already so.
    return await db.execute(
        "INSERT INTO region (code, name, level, parent_code, pinyin, initials, is_government)"
        " SELECT * FROM"
        " unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::bool[])"
        " ON CONFLICT (code) DO UPDATE SET name = excluded.name, level = excluded.level,"
        " parent_code = excluded.parent_code, pinyin = excluded.pinyin, initials = excluded.initials,"
        " is_government = excluded.is_government"
        " WHERE (region.name, region.pinyin, region.initials, region.is_government) IS DISTINCT FROM"
        " (excluded.name, excluded.pinyin, excluded.initials, excluded.is_government)",
        *(list(column) for column in zip(*rows, strict=True)),
    )
