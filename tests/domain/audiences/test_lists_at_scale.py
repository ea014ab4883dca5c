"""A million rows come in as a stream, and a million broken ones end soon."""

import resource
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from app.domain.accounts import proofing
from app.domain.audiences import lists
from app.domain.audiences.errors import ListRefused
from app.domain.audiences.models import AudienceList, AudienceListRow
from app.domain.audiences.reports import MOST_FAULTS
from app.kit import crypto
from app.kit import db as raw
from tests.factories import audiences as make

pytestmark = [pytest.mark.long, pytest.mark.timeout(300), pytest.mark.usefixtures("db")]

ROWS = 1_000_000
KNOWN = 100_000
FACTS = {"税费种": "tax", "所属期": "period"}


def numbers() -> Iterator[str]:
    return (f"13{serial:09}" for serial in range(ROWS))


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def test_a_million_rows_are_taken_in_without_being_held(tmp_path: Path) -> None:
    hashes = [crypto.lookup_hash(one, proofing.PHONE) for one in islice(numbers(), KNOWN)]
    await raw.execute(
        "INSERT INTO person (id, level, status, phone_hash)"
        " SELECT gen_random_uuid(), 'phone_verified', 'active', h FROM unnest($1::bytea[]) h",
        hashes,
    )
    path = make.csv_file(
        tmp_path, ["手机号,税费种,所属期", *(f"{one},增值税,2026-10" for one in numbers())], "gb18030"
    )
    before, began = peak_mb(), time.monotonic()
    report = await lists.take_in(make.publisher(), "全量", path, facts=FACTS)
    assert time.monotonic() - began < 180
    assert (report.rows, report.people, report.unknown) == (ROWS, KNOWN, ROWS - KNOWN)
    assert (len(report.faults), report.untold) == (MOST_FAULTS, ROWS - KNOWN - MOST_FAULTS)
    assert await AudienceListRow.all().count() == KNOWN
    assert peak_mb() - before < 100


async def test_a_million_broken_rows_end_soon_and_write_nothing(tmp_path: Path) -> None:
    path = make.csv_file(tmp_path, ["手机号,税费种,所属期", *["=1+1,增值税,2026-10"] * ROWS])
    began = time.monotonic()
    with pytest.raises(ListRefused) as refused:
        await lists.take_in(make.publisher(), "坏的", path, facts=FACTS)
    assert time.monotonic() - began < 30
    assert refused.value.report is not None
    assert len(refused.value.report.faults) == MOST_FAULTS
    assert refused.value.report.rows < ROWS / 4
    assert await AudienceList.all().count() == 0
