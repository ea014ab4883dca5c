"""The yearly release of ratings: imported from a file as a stream, checked, and published by a second person.

An import that was interrupted goes on where it stopped; one that is complete answers what it found.
"""

import asyncio
import csv
import hashlib
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from tortoise.exceptions import IntegrityError

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.credit_ratings import release_tables, rules
from app.domain.credit_ratings.errors import (
    ImportUnderWay,
    NotYourRelease,
    OwnRelease,
    ReleaseNotFound,
    ReleaseNotReady,
    ReleaseRefused,
)
from app.domain.credit_ratings.models import CreditRelease, CreditReleaseFault, ReleaseState
from app.domain.credit_ratings.release_files import Batch, Reader
from app.domain.credit_ratings.release_rows import RowFault
from app.domain.credit_ratings.rule_sets import FIRST_YEAR
from app.kit import audit, clock, db
from app.kit.spreadsheets import harmless

MOST_FAULTS: Final = 10_000
"""Rows left out that are kept with their reasons; the rest are counted."""
MOST_BROKEN_PERCENT: Final = 20

Progress = Callable[[int], None]
"""Told how many rows are behind us."""


async def import_file(
    member: StaffMember, path: Path, year: int, *, progress: Progress | None = None
) -> CreditRelease:
    """Take in the ratings of a year from a CSV, XLSX or JSON Lines file; answers the checked release.

    The same file again answers the release it has become. Rows that cannot be are left out and told by
    ``report``. Raises NotYourRelease; ReleaseRefused, and then nothing is kept; or ImportUnderWay.
    """
    _check(member, StaffRole.EXCHANGE_OPERATOR)
    first, _ = rules.released_on(year)
    if year < FIRST_YEAR or first > clock.today():
        raise ReleaseRefused(fields={"年度": [f"{year} 年度的评价结果要到 {first:%Y 年 %-m 月} 才发布"]})
    digest = await asyncio.to_thread(_digest, path)
    release = await _begun(member, path, year, digest)
    if release.state is not ReleaseState.DRAFT:
        return release
    if release.author_id != member.id:
        # Else the one who began could publish what they have read a part of.
        raise ImportUnderWay("这个文件已由另一人开始导入，请由其继续，或先作废那一批")
    try:
        await _read(release, path, progress)
    except ReleaseRefused:
        await _end(release, ReleaseState.DISCARDED, "credit_release.refused", member)
        raise
    return await _checked(release, member)


async def publish(member: StaffMember, release_id: int) -> CreditRelease:
    """Have a checked release take the place of its year at one stroke.

    Raises NotYourRelease, OwnRelease, ReleaseNotFound or ReleaseNotReady.
    """
    _check(member, StaffRole.REVIEWER)
    async with db.transaction():
        release = await _locked(release_id)
        if release.state is not ReleaseState.CHECKED:
            raise ReleaseNotReady
        if release.author_id == member.id:
            raise OwnRelease
        await release_tables.held([release.year], to_replace=True)
        before = await CreditRelease.get_or_none(year=release.year, state=ReleaseState.PUBLISHED)
        await release_tables.put_in_place(release.id, release.year, before.id if before else None)
        if before is not None:
            await CreditRelease.filter(id=before.id).update(state=ReleaseState.REPLACED)
        release.state, release.publisher_id = ReleaseState.PUBLISHED, member.id
        release.published_on = clock.today()
        await release.save(update_fields=["state", "publisher_id", "published_on"])
        await audit.record(
            member.caller_id, "credit_release.published", _target(release), detail={"year": release.year}
        )
    return release


async def discard(member: StaffMember, release_id: int) -> CreditRelease:
    """Let go of a release that was not published. Raises as ``publish`` does, OwnRelease excepted."""
    if not staff.may(member, StaffRole.EXCHANGE_OPERATOR, None):
        _check(member, StaffRole.REVIEWER)
    async with db.transaction():
        release = await _locked(release_id)
        if release.state not in (ReleaseState.DRAFT, ReleaseState.CHECKED):
            raise ReleaseNotReady
        await _end(release, ReleaseState.DISCARDED, "credit_release.discarded", member)
    return release


async def listed(member: StaffMember, *, limit: int = 20) -> Sequence[CreditRelease]:
    """The latest releases, the newest first. Raises NotYourRelease."""
    if not staff.may(member, StaffRole.EXCHANGE_OPERATOR, None):
        _check(member, StaffRole.REVIEWER)
    return await CreditRelease.all().order_by("-id").limit(limit)


async def report(release_id: int) -> str:
    """The rows that were left out as a CSV, with the mark Excel wants. Raises ReleaseNotFound."""
    release = await CreditRelease.get_or_none(id=release_id)
    if release is None:
        raise ReleaseNotFound
    faults = await CreditReleaseFault.filter(release_id=release_id).order_by("row_number", "id")
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("行号", "列", "问题", "内容（已遮盖）"))
    writer.writerows((one.row_number, harmless(one.title), one.reason, harmless(one.value)) for one in faults)
    untold = release.broken + release.doubled - len(faults)
    if untold:
        writer.writerow(("", "", f"另有 {untold} 行有问题，未逐行列出", ""))
    return "\ufeff" + text.getvalue()


async def _begun(member: StaffMember, path: Path, year: int, digest: str) -> CreditRelease:
    """The release of this very file: one there is, or a new one with its empty table."""
    known = CreditRelease.filter(year=year, file_sha256=digest).exclude(
        state__in=(ReleaseState.REPLACED, ReleaseState.DISCARDED)
    )
    found = await known.first()
    if found is not None:
        return found
    try:
        async with db.transaction():
            release = await CreditRelease.create(
                year=year, file_name=path.name[:200], file_sha256=digest, author_id=member.id
            )
            await release_tables.create(release.id, year)
            await audit.record(
                member.caller_id, "credit_release.begun", _target(release), detail={"year": year}
            )
    except IntegrityError:
        raise ImportUnderWay from None
    return release


async def _read(release: CreditRelease, path: Path, progress: Progress | None) -> None:
    """Batch after batch; while one is written the next is read, for reading is work for the processor."""
    reader = await asyncio.to_thread(Reader, path, release.year, after=release.rows_read)
    batches = reader.batches()
    coming = asyncio.create_task(asyncio.to_thread(next, batches, None))
    try:
        while (batch := await coming) is not None:
            coming = asyncio.create_task(asyncio.to_thread(next, batches, None))
            await _write(release, batch)
            if progress:
                progress(release.rows_read)
    finally:
        await asyncio.gather(coming, return_exceptions=True)
    if release.rows_read <= 1:
        raise ReleaseRefused(fields={"文件": ["表头下面没有数据"]})
    if release.broken * 100 > MOST_BROKEN_PERCENT * release.rows_read:
        words = f"{release.broken} 行有误，超过 {MOST_BROKEN_PERCENT}%，没有写入任何数据"
        raise ReleaseRefused(fields={"行": [words, *await _first_faults(release.id)]})


async def _write(release: CreditRelease, batch: Batch) -> None:
    """One batch with the count of rows behind us, together. Raises ImportUnderWay if another was quicker."""
    async with db.transaction():
        room = MOST_FAULTS - release.broken
        moved = await CreditRelease.filter(
            id=release.id, rows_read=release.rows_read, state=ReleaseState.DRAFT
        ).update(rows_read=batch.last_row, broken=release.broken + len(batch.faults))
        if not moved:
            raise ImportUnderWay
        await release_tables.copy(release.id, batch.lines)
        await _tell(release.id, batch.faults[: max(room, 0)])
    release.rows_read, release.broken = batch.last_row, release.broken + len(batch.faults)


async def _checked(release: CreditRelease, member: StaffMember) -> CreditRelease:
    """What only the whole of the rows can tell; then it may be published."""
    async with db.transaction():
        locked = await _locked(release.id)
        if locked.state is not ReleaseState.DRAFT or locked.rows_read != release.rows_read:
            raise ImportUnderWay
        doubled = await release_tables.finish(release.id)
        await _tell(release.id, doubled[: max(MOST_FAULTS - release.broken, 0)])
        locked.doubled, locked.levels = len(doubled), await release_tables.count(release.id)
        locked.state = ReleaseState.CHECKED
        await locked.save(update_fields=["doubled", "levels", "state"])
        counts = {"broken": locked.broken, "doubled": locked.doubled, **locked.levels}
        await audit.record(
            member.caller_id, "credit_release.checked", _target(locked), detail={"counts": counts}
        )
    return locked


async def _end(release: CreditRelease, state: ReleaseState, action: str, member: StaffMember) -> None:
    async with db.transaction():
        release.state = state
        await release.save(update_fields=["state"])
        await release_tables.drop(release.id)
        await audit.record(member.caller_id, action, _target(release), detail={"year": release.year})


async def _tell(release_id: int, faults: Sequence[RowFault]) -> None:
    await CreditReleaseFault.bulk_create(
        [CreditReleaseFault(release_id=release_id, **one._asdict()) for one in faults], batch_size=1000
    )


async def _first_faults(release_id: int) -> list[str]:
    rows = await CreditReleaseFault.filter(release_id=release_id).order_by("row_number").limit(5)
    return [f"第 {one.row_number} 行“{one.title}”：{one.reason}" for one in rows]


async def _locked(release_id: int) -> CreditRelease:
    release = await CreditRelease.filter(id=release_id).select_for_update().first()
    if release is None:
        raise ReleaseNotFound
    return release


def _check(member: StaffMember, role: StaffRole) -> None:
    if not staff.may(member, role, None):
        raise NotYourRelease


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _target(release: CreditRelease) -> str:
    return f"credit_release:{release.id}"
