"""The tables of cases are split, and still every question is a probe of an index."""

import importlib
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import pytest

from app.domain.cases import due_dates, queries, service, timing
from app.domain.cases.models import Case
from app.domain.cases.models import CaseState as S
from app.kit import clock
from app.kit import db as raw
from tests.domain.cases.test_own import enterprise_of
from tests.factories.appointments import make_person
from tests.factories.cases import make_case

pytestmark = pytest.mark.usefixtures("db")

migration: Any = importlib.import_module("app.migrations.0019_case_clock")
reading_functions: Any = importlib.import_module("app.migrations.0021_case_followers")
PARTS = 16
ARGUMENTS = {"p_numbers": "text[]", "p_persons": "uuid[]", "p_enterprises": "uuid[]", "p_today": "date"}


async def plan(sql: str, *args: object) -> str:
    """How PostgreSQL would answer, were the tables too large to be read whole."""
    async with raw.transaction():
        await raw.execute("SET LOCAL enable_seqscan = off")
        rows = await raw.fetch(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {sql}", *args)
    return "\n".join(row[0] for row in rows)


def scans(text: str, table: str) -> list[str]:
    """The scans of parts of a table that were really made."""
    found = re.findall(rf"(\w+ (?:Only )?Scan|Scan)[^\n]* on ({table}_\d+)[^\n]*\(actual", text)
    return [part for _, part in found]


def timelines() -> str:
    """The statement inside ``case_timelines``, which EXPLAIN does not look into."""
    _, _, statement = reading_functions.CASE_TIMELINES.partition("RETURN QUERY")
    statement = statement.partition("END $$")[0].strip().rstrip(";")
    for place, (name, kind) in enumerate(ARGUMENTS.items(), start=1):
        statement = statement.replace(name, f"${place}::{kind}")
    return str(statement)


async def test_both_tables_lie_in_sixteen_parts_by_the_same_hash() -> None:
    rows = await raw.fetch(
        "SELECT inhparent::regclass::text AS parent, count(*) AS parts FROM pg_inherits"
        " WHERE inhparent IN ('case_file'::regclass, 'case_event'::regclass) GROUP BY 1"
    )
    assert {row["parent"]: row["parts"] for row in rows} == {"case_file": PARTS, "case_event": PARTS}
    for _ in range(20):
        await make_case(S.ACCEPTED)
    rows = await raw.fetch(
        "SELECT c.tableoid::regclass::text AS of_case, e.tableoid::regclass::text AS of_event"
        " FROM case_file c JOIN case_event e ON e.case_number = c.number"
    )
    assert len({row["of_case"] for row in rows}) > 5
    assert all(row["of_case"].split("_")[-1] == row["of_event"].split("_")[-1] for row in rows)


async def test_history_cannot_be_rewritten_by_way_of_a_part() -> None:
    await make_case()
    for part in range(PARTS):
        for statement in ("UPDATE {} SET text = ''", "DELETE FROM {}", "TRUNCATE {}"):
            with pytest.raises(asyncpg.RestrictViolationError):
                await raw.execute(statement.format(f"case_event_{part}"))


async def test_a_case_is_found_by_one_probe_of_one_part() -> None:
    for _ in range(20):
        number = (await make_case(S.ACCEPTED, S.REVIEW)).number
    told = await plan(timelines(), [number], None, None, clock.today())
    assert "Seq Scan" not in told
    assert len(scans(told, "case_file")) == len(scans(told, "case_event")) == 1


@pytest.mark.parametrize("whose", ["person", "enterprise"])
async def test_own_cases_are_one_probe_of_each_part(whose: str) -> None:
    me = await make_person()
    firm = (await enterprise_of(me)).id
    for _ in range(5):
        await make_case(S.ACCEPTED, person_id=me, enterprise_id=None if whose == "person" else firm)
    page = (None, "", None, queries._FINAL, 20)
    if whose == "person":
        told = await plan(queries._OF_PERSON, me, *page)
    else:
        told = await plan(queries._OF_ENTERPRISE, firm, *page, me, clock.today())
    assert not re.search(r"Seq Scan on case_", told)
    assert 0 < len(scans(told, "case_file")) <= PARTS
    assert all(f"{part}_{whose}_id" in told for part in scans(told, "case_file"))


class Undone(Exception):
    """Gives the tables back as they were."""


async def test_rows_of_an_older_version_come_along_both_ways() -> None:
    made = [await make_case(S.ACCEPTED, S.REVIEW) for _ in range(20)]
    suspended = await make_case(S.ACCEPTED, S.REVIEW, S.SUSPENDED)
    granted = await make_case(S.ACCEPTED, S.REVIEW, S.GRANTED)
    with pytest.raises(Undone):
        await rebuilt_and_compared([*made, suspended, granted])


async def rebuilt_and_compared(cases: Sequence[Case]) -> None:
    """Take the parts back to plain tables of the older version and make them anew; then undo all of it."""
    async with raw.transaction():
        await raw.execute("ALTER TABLE case_file ADD COLUMN due_on date")
        await raw.execute(migration.FILL[1])
        for _, back in reversed(migration.HASHES):
            await run(back)
        assert await raw.fetch("SELECT 1 FROM pg_inherits WHERE inhparent = 'case_file'::regclass") == []
        for forward, _ in migration.HASHES:
            await run(forward)
        await raw.execute("UPDATE case_file SET received_at = submitted_at, pauses = '[]', last_hash = ''")
        await raw.execute(migration.FILL[0])
        for case in cases:
            kept = await Case.get(number=case.number)
            assert (kept.due_at, kept.state, kept.received_at) == (case.due_at, case.state, case.received_at)
            assert kept.decided_at == case.decided_at
            assert await service.is_whole(case.number)
            assert (timing.paused_since(kept) is not None) == (case.state is S.SUSPENDED)
        assert len(await raw.fetch("SELECT DISTINCT tableoid FROM case_event")) > 5
        raise Undone


async def run(statements: str) -> None:
    for statement in statements.split("; "):
        await raw.execute(statement)


async def test_timed_tasks_read_only_what_is_open() -> None:
    await make_case(S.ACCEPTED)
    far = datetime(2036, 1, 1, tzinfo=clock.SHANGHAI)
    for statement, args in (
        (due_dates._TOUCHED, (*due_dates._FIRST, far, far)),
        (due_dates._SILENT, (far,)),
        (due_dates._RUN_OUT, (far,)),
    ):
        assert "Seq Scan" not in await plan(statement, *args)
