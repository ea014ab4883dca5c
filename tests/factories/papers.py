"""Materials of cases, as they are after somebody handed them in; and a scanner that looks at none."""

from typing import Any
from uuid import UUID

from app.domain.accounts.models import IdentityLevel
from app.domain.accounts.sessions import Citizen
from app.domain.cases import materials
from app.domain.cases.models import Case
from app.domain.cases.models import CaseState as S
from app.domain.cases.paper_models import CaseMaterial
from app.kit.files import Scan, ScannerDown
from app.kit.ids import uuid7
from tests.factories.cases import make_case
from tests.factories.notices import PDF


def citizen(person_id: UUID, enterprise_id: UUID | None = None) -> Citizen:
    """Somebody signed in, for themselves or for an enterprise."""
    return Citizen(person_id, uuid7(), enterprise_id, IdentityLevel.REALNAME_L1)


async def asked_case(person_id: UUID, **values: Any) -> Case:
    """A case in which a correction is asked for."""
    return await make_case(S.SUPPLEMENT, person_id=person_id, **values)


async def upload(case: Case, person_id: UUID, content: bytes = PDF) -> CaseMaterial:
    """A file the applicant uploaded and did not hand in yet."""
    return await materials.add(case.number, citizen(person_id), "平面图.pdf", content)


class SilentScanner:
    """A malware scanner that is away for a minute."""

    async def scan(self, content: bytes) -> Scan:
        del content
        raise ScannerDown(retry_after=60)
