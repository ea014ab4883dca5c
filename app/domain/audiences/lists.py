"""Lists of people that departments upload: taken in as a whole or not at all, without their numbers.

A row names an enterprise, a person, a phone or an openid. Kept are the people we know by it and the
facts the row tells them; who we do not know stays unknown, and no number is written down.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from app.domain.accounts import staff
from app.domain.accounts.models import AgentRole, StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.audiences import staging
from app.domain.audiences.columns import Form, Layout
from app.domain.audiences.errors import ListNotFound, ListRefused, NotYourAudience
from app.domain.audiences.models import AudienceList, ListIdentity
from app.domain.audiences.reports import Report
from app.kit import audit, clock, db, tables
from config import settings

KEPT: Final = timedelta(days=180)
"""How long a list is kept: long enough to answer for what was sent to whom, and no longer."""

AGENTS: Final = (AgentRole.LEGAL_REPRESENTATIVE, AgentRole.FINANCE_OFFICER, AgentRole.TAX_AGENT)
"""Who is told what concerns an enterprise, if nothing else is said."""

_LONGEST_NAME: Final = 80

# Whom the rows name. An agent counts while the binding lasts.
_WHOM: Mapping[ListIdentity, str] = {
    ListIdentity.USCC: (
        "JOIN enterprise e ON e.uscc_hash = s.key"
        " JOIN enterprise_binding b ON b.enterprise_id = e.id AND b.status = 'active'"
        " AND b.expires_on >= $1 AND b.role = ANY ($2)"
        " JOIN person p ON p.id = b.person_id"
    ),
    ListIdentity.ID_NUMBER: "JOIN person p ON p.id_number_hash = s.key",
    ListIdentity.PHONE: "JOIN person p ON p.phone_hash = s.key",
    ListIdentity.OPENID: (
        "JOIN wechat_identity w ON w.openid = convert_from(s.key, 'UTF8') AND w.appid = ANY ($1)"
        " JOIN person p ON p.id = w.person_id"
    ),
}
_MATCH = """
CREATE TEMPORARY TABLE matched ON COMMIT DROP AS
SELECT DISTINCT s.row, p.id AS person_id FROM staged s {} WHERE p.status = 'active'
"""
# What a number tells must not reach two people of whom one is meant.
_AMBIGUOUS = "SELECT row FROM matched GROUP BY row HAVING count(*) > 1"

_UNKNOWN = """
SELECT row, masked, count(*) OVER () AS of FROM staged s
WHERE NOT EXISTS (SELECT 1 FROM matched m WHERE m.row = s.row) ORDER BY row LIMIT $1
"""
_SHARED = """
SELECT s.row, s.masked, count(*) OVER () AS of FROM staged s
WHERE EXISTS (SELECT 1 FROM matched m WHERE m.row = s.row)
  AND NOT EXISTS (SELECT 1 FROM audience_list_row r WHERE r.list_id = $2 AND r.row_number = s.row)
ORDER BY row LIMIT $1
"""
_TAKE = """
INSERT INTO audience_list_row (list_id, person_id, row_number, params)
SELECT $1, m.person_id, m.row, s.params
FROM (SELECT person_id, min(row) AS row FROM matched GROUP BY person_id) m JOIN staged s USING (row)
"""


async def take_in(
    member: StaffMember,
    name: str,
    source: Path | AsyncIterable[bytes],
    *,
    facts: Mapping[str, str] | None = None,
    roles: Sequence[AgentRole] = AGENTS,
    progress: staging.Progress | None = None,
) -> Report:
    """Take in a list: a CSV or XLSX file of at most 100 MB and 1,000,000 rows.

    Its heading names one identity (统一社会信用代码, 身份证号, 手机号, openid) and every one of ``facts``,
    titles with the names under which messages know them. Of an enterprise its agents in ``roles`` are
    meant. Somebody named by several rows gets the first. Raises NotYourAudience, or ListRefused: then
    nothing is written, and its report may name the broken rows.
    """
    if not staff.may(member, StaffRole.PUBLISHER, None):
        raise NotYourAudience
    if not 0 < len(name.strip()) <= _LONGEST_NAME:
        raise ListRefused(fields={"name": [f"名单名称应为 1 到 {_LONGEST_NAME} 个字"]})
    report = Report()
    async with _at_hand(source) as path, db.transaction():
        layout = await staging.stage(path, Form(facts or {}), report, progress)
        await staging.drop_doubled(report, layout)
        await _match(layout, roles, report)
        created = await AudienceList.create(
            name=name.strip(),
            identity=layout.identity,
            facts=[fact for _, fact in layout.facts],
            counts={},
            created_by=member.caller_id,
            created_at=clock.now(),
        )
        report.people = await db.execute(_TAKE, created.id)
        if not report.people:
            raise ListRefused(
                fields={"行": ["名单里没有一个人是本平台的用户，没有写入任何数据"]}, report=report
            )
        report.shared = await staging.tell(
            report, layout, _SHARED, "已由前面的行列入，同一人只列一次", created.id
        )
        created.counts, report.list_id = report.counts(), created.id
        await created.save(update_fields=["counts"])
        await db.execute("DROP TABLE matched, staged")
        await audit.record(
            member.caller_id, "list.uploaded", f"list:{created.id}", detail={"counts": report.counts()}
        )
    return report


async def find(list_id: int) -> AudienceList:
    """A list by its id. Raises ListNotFound."""
    found = await AudienceList.get_or_none(id=list_id)
    if found is None:
        raise ListNotFound
    return found


async def remove(member: StaffMember, list_id: int) -> None:
    """Delete a list with its people. Raises NotYourAudience or ListNotFound."""
    if not staff.may(member, StaffRole.PUBLISHER, None):
        raise NotYourAudience
    async with db.transaction():
        await find(list_id)
        await AudienceList.filter(id=list_id).delete()
        await audit.record(member.caller_id, "list.removed", f"list:{list_id}")


async def purge() -> int:
    """Forget lists that have served their time; answers how many."""
    return await AudienceList.filter(created_at__lt=clock.now() - KEPT).delete()


async def _match(layout: Layout, roles: Sequence[AgentRole], report: Report) -> None:
    """Find whom the staged rows name."""
    args: list[object] = []
    if layout.identity is ListIdentity.USCC:
        args = [clock.today(), [role.value for role in roles]]
    elif layout.identity is ListIdentity.OPENID:
        chosen = settings.current()
        args = [[chosen.oa_appid, chosen.mp_appid]]
    await db.execute(_MATCH.format(_WHOM[layout.identity]), *args)
    if layout.identity is ListIdentity.PHONE:
        await db.execute(f"DELETE FROM matched WHERE row IN ({_AMBIGUOUS})")  # noqa: S608  Words of ours.
    await db.execute("ANALYZE matched")
    report.unknown = await staging.tell(report, layout, _UNKNOWN, _NOBODY[layout.identity])


_NOBODY: Mapping[ListIdentity, str] = {
    ListIdentity.USCC: "没有用户绑定该企业，或没有所选身份的办税人员",
    ListIdentity.ID_NUMBER: "没有用户以此证件号实名",
    ListIdentity.PHONE: "没有用户绑定该手机号，或有多个用户绑定，不能确定是谁",
    ListIdentity.OPENID: "没有这个微信用户",
}


@asynccontextmanager
async def _at_hand(source: Path | AsyncIterable[bytes]) -> AsyncIterator[Path]:
    """The file itself, or what streams in as one: it is read twice, and gone afterwards."""
    if isinstance(source, Path):
        yield source
        return
    with tempfile.NamedTemporaryFile(prefix="weiban-list-") as file:
        size = 0
        async for chunk in source:
            size += len(chunk)
            if size > tables.MOST_BYTES:
                raise ListRefused(
                    fields={"文件": [f"文件超过 {tables.MOST_BYTES // 2**20} MB，请分成几份上传"]}
                )
            await asyncio.to_thread(file.write, chunk)
        await asyncio.to_thread(file.flush)
        yield Path(file.name)
