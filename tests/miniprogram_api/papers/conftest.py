"""People with cases, a folder for their files, and forms that carry one."""

import io
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import aiohttp
import pytest

from app.domain.accounts import sessions
from app.domain.accounts.models import AgentRole, Enterprise, EnterpriseBinding
from app.domain.cases.models import Case
from app.domain.cases.models import CaseState as S
from app.kit import clock
from app.kit.ids import uuid7
from config import settings
from tests.client import Answer, Client
from tests.factories.cases import make_case
from tests.factories.notices import PDF


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the files of this test are kept."""
    chosen = settings.current().model_copy(update={"files_dir": str(tmp_path / "files")})
    monkeypatch.setattr(settings, "current", lambda: chosen)
    return tmp_path / "files" / "cases"


@dataclass(frozen=True)
class Applicant:
    """Somebody signed in, as the mini-program sees them."""

    client: Client
    token: str
    person_id: UUID

    async def upload(
        self,
        number: str,
        name: str = "平面图.pdf",
        content: bytes = PDF,
        *,
        key: str | None = None,
        **fields: str,
    ) -> Answer:
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("file", io.BytesIO(content), filename=name, content_type="application/octet-stream")
        for field, value in fields.items():
            form.add_field(field, value)
        headers = {"Idempotency-Key": key} if key else {}
        path = f"/api/v1/cases/{number}/materials"
        return await self.client.post(path, token=self.token, data=form, headers=headers)

    async def uploaded(self, number: str, name: str = "平面图.pdf", content: bytes = PDF) -> str:
        """The id of a file that was taken."""
        answer = await self.upload(number, name, content)
        assert answer.status == 201, answer.body
        made: str = answer.body["id"]
        return made

    async def answer(self, number: str, *ids: str, key: str | None = None, **said: object) -> Answer:
        headers = {"Idempotency-Key": key} if key else {}
        body = {"materials": list(ids), **said}
        path = f"/api/v1/cases/{number}/supplement"
        return await self.client.post(path, token=self.token, json=body, headers=headers)

    async def get(self, path: str, **options: object) -> Answer:
        return await self.client.get(f"/api/v1/cases/{path}", token=self.token, **options)

    async def act_for(self, enterprise: Enterprise, *, days: int = 30) -> EnterpriseBinding:
        """Become an agent of an enterprise for so many days, and act for it if one may."""
        binding = await EnterpriseBinding.create(
            id=uuid7(), person_id=self.person_id, enterprise=enterprise, role=AgentRole.TAX_AGENT,
            expires_on=clock.today() + timedelta(days=days),
        )  # fmt: skip
        body = {"enterprise_id": str(enterprise.id)}
        await self.client.put("/api/v1/session/identity", token=self.token, json=body)
        return binding


async def applicant(client: Client, name: str) -> Applicant:
    token = await client.log_in(name)
    return Applicant(client, token, (await sessions.citizen_of(token)).person_id)


@pytest.fixture
async def me(client: Client) -> Applicant:
    return await applicant(client, "zhangsan")


@pytest.fixture
async def asked(me: Applicant) -> Case:
    """A case of mine in which a correction is asked for."""
    return await make_case(S.SUPPLEMENT, person_id=me.person_id)
