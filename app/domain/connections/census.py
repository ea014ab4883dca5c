"""普查: systems are taken into the census, each with the items it serves and a connection to begin with."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.domain.accounts.staff import StaffMember
from app.domain.connections import census_changes, census_files, history, rules
from app.domain.connections.census_changes import Outlook
from app.domain.connections.census_files import Line
from app.domain.connections.errors import BadCensus, BadStep, CensusMoved, NotConnecting, NotNow
from app.domain.connections.models import ConnectionCategory, ConnectionState
from app.domain.connections.rules import Decision, SystemFacts
from app.kit import clock, db

# What a system is told to be replaces what it was; two censuses of one system are one system.
_TAKE = """
INSERT INTO system_census AS known
    (department, name, network, vendor, database, interface, uncoded_items, surveyed_at)
SELECT *, $8::timestamptz FROM unnest($1::varchar[], $2::varchar[], $3::varchar[], $4::varchar[],
                                      $5::varchar[], $6::varchar[], $7::int[])
ON CONFLICT (department, name) DO UPDATE SET
    network = excluded.network, vendor = excluded.vendor, database = excluded.database,
    interface = excluded.interface, uncoded_items = excluded.uncoded_items,
    surveyed_at = excluded.surveyed_at
RETURNING id, department, name
"""
_FORGET_ITEMS = "DELETE FROM census_item WHERE system_id = ANY ($1)"
_TAKE_ITEMS = (
    "INSERT INTO census_item (system_id, item_code) SELECT * FROM unnest($1::bigint[], $2::varchar[])"
)
_BEGIN = """
WITH begun AS (
    INSERT INTO connection (system_id, state, has_network, has_data, has_business, last_seq)
    SELECT s.id, 'surveyed', false, false, false, 1 FROM unnest($1::bigint[]) AS s (id)
    WHERE NOT EXISTS (SELECT 1 FROM connection c WHERE c.system_id = s.id)
    RETURNING id)
INSERT INTO connection_event (connection_id, seq, kind, state, actor, at)
SELECT id, 1, 'surveyed', 'surveyed', $2, $3 FROM begun
"""
# A class that a document gave once stays what became of it, also of a connection that is offline by now: an
# old file read again takes nothing back.
_DECIDED = """
SELECT c.system_id, e.category, e.document_number FROM connection_event e
JOIN connection c ON c.id = e.connection_id WHERE c.system_id = ANY ($1) AND e.category IS NOT NULL
"""
_STANDING = """
SELECT c.system_id, c.id, c.state, c.category, c.last_seq
FROM connection c WHERE c.system_id = ANY ($1) AND c.state <> 'offline' ORDER BY c.system_id FOR UPDATE
"""
_WRITE_DECISIONS = """
INSERT INTO connection_event (connection_id, seq, kind, state, category, document_number, actor, at)
SELECT id, seq, 'classified', 'classified', category, document_number, $5, $6
FROM unnest($1::bigint[], $2::smallint[], $3::smallint[], $4::varchar[])
    AS t (id, seq, category, document_number)
"""
_DECIDE = """
UPDATE connection c SET state = 'classified', category = t.category, category_seq = t.seq, last_seq = t.seq,
    due_on = t.due_on, next_check_on = t.next_check_on
FROM unnest($1::bigint[], $2::smallint[], $3::smallint[], $4::date[], $5::date[])
    AS t (id, seq, category, due_on, next_check_on)
WHERE c.id = t.id
"""


@dataclass(frozen=True, slots=True)
class Registered:
    """The systems in the order told, and how many of them were not known before."""

    system_ids: tuple[int, ...]
    new: int


@dataclass(frozen=True, slots=True)
class Taken:
    """How many systems a file told of, how many of them were new, and how many got a class."""

    systems: int
    new: int
    classified: int


class _Undone(Exception):
    """Ends the transaction of a trial, so that nothing of it stays."""


async def register(member: StaffMember, facts: SystemFacts) -> int:
    """Take one system in, or tell anew what it is; answers its id. Raises NotAllowed or BadCensus."""
    history.check_may_change(member)
    rules.check_facts(facts)
    async with db.transaction():
        done = await _take([facts], member.caller_id)
        await history.tell(member.caller_id, "census.registered", f"system:{done.system_ids[0]}")
    return done.system_ids[0]


async def outlook(member: StaffMember, path: Path) -> Outlook:
    """What a census would change: it is taken in, looked at and undone. Raises as ``take_in`` does."""
    history.check_may_change(member)
    lines = await asyncio.to_thread(census_files.read, path)
    found = Outlook(())
    try:
        async with db.transaction():
            _, found = await _write(member, lines)
            raise _Undone
    except _Undone:
        return found


async def take_in(member: StaffMember, path: Path, *, seen: str | None = None) -> Taken:
    """Take a census in; the same file once more changes nothing.

    What a document has decided before it does not decide again. Raises NotAllowed, TableRefused, or BadCensus
    naming each row; CensusMoved if it would by now change something else than the outlook that was ``seen``:
    then nothing is written.
    """
    history.check_may_change(member)
    lines = await asyncio.to_thread(census_files.read, path)
    async with db.transaction():
        taken, found = await _write(member, lines)
        if seen is not None and found.mark != seen:
            raise CensusMoved
        await history.tell(
            member.caller_id, "census.taken_in", "system_census",
            systems=taken.systems, new=taken.new, classified=taken.classified,
        )  # fmt: skip
    return taken


async def _write(member: StaffMember, lines: Sequence[Line]) -> tuple[Taken, Outlook]:
    """Write a census in the caller's transaction; answers what came of it and what it changed."""
    systems = [line.facts for line in lines]
    before = await census_changes.known(systems)
    done = await _take(systems, member.caller_id)
    classified = await _decide(lines, done.system_ids, member.caller_id)
    found = census_changes.compared(lines, before, await census_changes.known(systems))
    return Taken(len(lines), done.new, classified), found


async def _take(systems: Sequence[SystemFacts], actor: str) -> Registered:
    """Write checked systems, none of them twice, in the caller's transaction."""
    rows = await db.fetch(
        _TAKE,
        [one.department for one in systems],
        [one.name for one in systems],
        [one.network.value for one in systems],
        [one.vendor for one in systems],
        [one.database for one in systems],
        [one.interface for one in systems],
        [one.uncoded_items for one in systems],
        clock.now(),
    )
    found = {(row["department"], row["name"]): int(row["id"]) for row in rows}
    ids = tuple(found[one.department, one.name] for one in systems)
    await db.execute(_FORGET_ITEMS, ids)
    items = [(id_, code) for id_, one in zip(ids, systems, strict=True) for code in one.item_codes]
    await db.execute(_TAKE_ITEMS, [id_ for id_, _ in items], [code for _, code in items])
    return Registered(ids, await db.execute(_BEGIN, ids, actor, clock.now()))


async def _decide(lines: Sequence[Line], system_ids: Sequence[int], actor: str) -> int:
    """Give the classes that are new. Raises BadCensus for rows whose connection is past it."""
    standing = {row["system_id"]: row for row in await db.fetch(_STANDING, list(system_ids))}
    rows = await db.fetch(_DECIDED, list(system_ids))
    decided = {(row["system_id"], row["category"], row["document_number"]) for row in rows}
    faults: dict[str, list[str]] = {}
    due: list[tuple[int, int, Decision]] = []
    for line, system_id in zip(lines, system_ids, strict=True):
        told, row = line.decision, standing.get(system_id)
        if told is None or (system_id, told.category.value, told.document_number) in decided:
            continue
        try:
            if row is None:
                raise NotConnecting
            category = ConnectionCategory(row["category"]) if row["category"] else None
            rules.check_may_decide(ConnectionState(row["state"]), category, told)
            due.append((row["id"], row["last_seq"] + 1, told))
        except (NotNow, NotConnecting, BadStep) as refused:
            faults[f"第 {line.row} 行"] = [refused.message]
    if faults:
        raise BadCensus(fields=faults)
    ids, seqs = [id_ for id_, _, _ in due], [seq for _, seq, _ in due]
    told_all = [told for _, _, told in due]
    categories = [told.category.value for told in told_all]
    documents = [told.document_number for told in told_all]
    await db.execute(_WRITE_DECISIONS, ids, seqs, categories, documents, actor, clock.now())
    dates = [told.due_on for told in told_all], [told.next_check_on for told in told_all]
    await db.execute(_DECIDE, ids, seqs, categories, *dates)
    return len(due)
