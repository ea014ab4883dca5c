"""Two people and two enterprises with something of every kind, marked so that it is known where it shows."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.accounts import proofing, sessions
from app.domain.accounts.models import (
    AgentRole,
    BindingStatus,
    EnterpriseBinding,
    Person,
    PersonStatus,
)
from app.domain.accounts.sessions import Citizen
from app.domain.cases import documents, materials, service
from app.domain.cases.models import CaseState as S
from app.domain.invoices import batch_work
from app.gateways.exchange import RatingFacts
from app.gateways.exchange.demo_data import DemoInvoice, invoices
from app.gateways.exchange.invoice_contract import InvoiceState
from app.kit import clock
from app.kit.ids import uuid7
from tests.client import Answer, Client
from tests.factories import accounts
from tests.factories import credit as make_credit
from tests.factories.appointments import BUSINESS, make_hall, make_slot, tomorrow_at
from tests.factories.cases import make_case, step
from tests.factories.certificates import certificate
from tests.factories.messages import agree_to_service, tell
from tests.factories.partners import make_partner
from tests.factories.sharing import consent, make_enterprise

NAMES = {"ann": "安若兰", "ben": "本一鸣", "A": "珠江甲子有限公司", "B": "珠江乙丑有限公司"}
SCORES = {"A": "88.11", "B": "77.23"}
AGENTS = {
    "agent of A": "A", "agent of B": "B", "expired agent of A": "A", "fired agent of B": "B",
    "frozen agent of A": "A",
}  # fmt: skip
OWNERS = {"ann": "ann", "ben": "ben", "A": "agent of A", "B": "agent of B"}
"""By whom each looks at what is theirs."""
HANDED_IN = {
    **OWNERS,
    "A before": "expired agent of A", "B before": "fired agent of B",
}  # fmt: skip


@dataclass
class Holdings:
    """What somebody has: ids of things, and marks by which what is theirs is known."""

    ids: dict[str, Any] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)


class Ratings(make_credit.Authority):
    """The tax authority: of each enterprise another score."""

    async def ratings(self, uscc: str) -> tuple[RatingFacts, ...]:
        """See ``CreditConnector``."""
        score = SCORES["A" if uscc == accounts.uscc_number(1) else "B"]
        return (make_credit.facts(2025, "B", score, make_credit.deduction(occurred_on=date(2025, 11, 3))),)


@dataclass
class Town:
    """Who is there, by the names the matrix gives them, and what each has."""

    client: Client
    tokens: dict[str, str] = field(default_factory=dict)
    citizens: dict[str, Citizen] = field(default_factory=dict)
    firms: dict[str, UUID] = field(default_factory=dict)
    shops: dict[str, UUID] = field(default_factory=dict)
    of: dict[str, Holdings] = field(default_factory=dict)

    async def settle(self) -> None:
        """Let everybody come, collect what they have, and let those go who are to be gone."""
        self.of = {owner: Holdings() for owner in HANDED_IN}
        for serial, firm in enumerate(("A", "B"), start=1):
            await self._found(firm, accounts.uscc_number(serial))
        for who in ("ann", "ben", *AGENTS):
            await self._welcome(who)
        for who, firm in AGENTS.items():
            await self._bind(who, firm)
        # What is an enterprise's was collected by those who are no longer its agents.
        for owner, who in (
            ("ann", "ann"), ("ben", "ben"), ("A", "expired agent of A"), ("B", "fired agent of B"),
        ):  # fmt: skip
            await self._collect_case(owner, who)
            await self._save_invoice(owner, who)
        for turn, (owner, who) in enumerate(HANDED_IN.items()):
            await self._hand_in_invoices(owner, who, turn)
        for who in ("ann", "ben"):
            await self._collect_own(who)
        await self._push_certificates()
        for owner, who in HANDED_IN.items():
            await self._ask_prefill(owner, who)
        for firm, who in (("A", "expired agent of A"), ("B", "fired agent of B")):
            await self._apply_about_rating(firm, who)
        await self._part()

    async def _found(self, firm: str, uscc: str) -> None:
        self.firms[firm] = self.of[firm].ids["enterprise"] = await make_enterprise(uscc, NAMES[firm])
        self.of[firm].marks |= {"name": NAMES[firm], "code": uscc, "score": SCORES[firm]}

    async def _welcome(self, who: str) -> None:
        self.tokens[who] = await self.client.log_in(who.replace(" ", "-"))
        self.citizens[who] = await sessions.citizen_of(self.tokens[who])

    async def _bind(self, who: str, firm: str) -> None:
        await EnterpriseBinding.create(
            id=uuid7(), person_id=self.citizens[who].person_id, enterprise_id=self.firms[firm],
            role=AgentRole.TAX_AGENT, expires_on=clock.today() + timedelta(days=30),
        )  # fmt: skip
        await self._act_for(who, self.firms[firm])

    async def _act_for(self, who: str, enterprise_id: UUID) -> None:
        body = {"enterprise_id": str(enterprise_id)}
        answer = await self.client.put("/api/v1/session/identity", token=self.tokens[who], json=body)
        assert answer.status == 200, answer.body
        self.citizens[who] = await sessions.citizen_of(self.tokens[who])

    async def _part(self) -> None:
        """Time passes, one is dismissed, one is frozen; what they once chose stays chosen."""

        def binding(who: str) -> Any:
            return EnterpriseBinding.filter(person_id=self.citizens[who].person_id)

        await binding("expired agent of A").update(expires_on=clock.today() - timedelta(days=1))
        await binding("fired agent of B").update(status=BindingStatus.UNBOUND, ended_at=clock.now())
        frozen = self.citizens["frozen agent of A"].person_id
        await Person.filter(id=frozen).update(status=PersonStatus.FROZEN)
        self.tokens["agent of A for themselves"] = await self.client.log_in("agent-of-A")
        self.tokens["ann for her shop"] = await self.client.log_in("ann")
        await self._act_for("ann for her shop", self.shops["ann"])

    async def _collect_case(self, owner: str, who: str) -> None:
        citizen, has = self.citizens[who], self.of[owner]
        case = await make_case(
            item_name=f"许可-{owner}-事项", person_id=citizen.person_id, enterprise_id=citizen.enterprise_id
        )
        await service.record(case.number, step(S.SUPPLEMENT, text=f"请补正{owner}的要件"))
        content = f"%PDF-1.7\n% inside-{owner}\n%%EOF\n".encode()
        material = await materials.add(case.number, citizen, f"图纸-{owner}-一层.pdf", content)
        document = (await documents.of_case(case.number, citizen))[0]
        has.ids |= {"case": case.number, "material": material.id, "document": document.id}
        has.marks |= {
            "case": case.number,
            "item": case.item_name,
            "told": f"请补正{owner}的要件",
            "file": material.name,
            "content": f"inside-{owner}",
            "check code": document.code,
        }

    async def _save_invoice(self, owner: str, who: str) -> None:
        has, invoice = self.of[owner], _invoices()[list(NAMES).index(owner)]
        checked = await self._do(who, "POST", "/invoices/scan", json={"text": _qr(invoice)})
        has.ids["invoice"] = checked["invoice"]["id"]
        has.marks |= {
            "invoice": invoice.number,
            "amount": invoice.amount,
            "tag": f"标签-{owner}",
            "note": f"备注-{owner}",
        }
        words = {"tags": [has.marks["tag"]], "note": has.marks["note"]}
        await self._do(who, "POST", f"/invoices/{has.ids['invoice']}/save", json=words)

    async def _hand_in_invoices(self, owner: str, who: str, turn: int) -> None:
        invoice = _invoices()[len(NAMES) + turn]
        today = {"number": f"2644200000000000{turn:04d}", "kind": "32", "amount": "600.00"}
        today["issued_on"] = clock.today().isoformat()
        queued = await self._do(who, "POST", "/invoices/verify", json=today)
        batch = await self._do(who, "POST", "/invoices/batches", json={"text": _qr(invoice)})
        while await batch_work.step():
            pass
        self.of[owner].ids |= {"queued": queued["queued_id"], "batch": batch["id"]}
        self.of[owner].marks |= {"queued": today["number"], "batch": batch["id"]}
        # Once it is checked it lies in the folder of whom it was handed in for.
        self.of[owner.removesuffix(" before")].marks[f"invoice of {who}"] = invoice.number

    async def _collect_own(self, who: str) -> None:
        citizen, has = self.citizens[who], self.of[who]
        number = accounts.id_number()
        await proofing.prove_real_name(citizen, NAMES[who], number)
        has.marks |= {"name": NAMES[who], "id number": number}
        await self._book(who)
        self.shops[who] = await make_enterprise(
            accounts.uscc_number(10 + list(NAMES).index(who)), f"{who}的铺子"
        )
        binding = await EnterpriseBinding.create(
            id=uuid7(), person_id=citizen.person_id, enterprise_id=self.shops[who],
            role=AgentRole.TAX_AGENT, expires_on=clock.today() + timedelta(days=30),
        )  # fmt: skip
        await agree_to_service(citizen.person_id)
        await tell("document_served", citizen.person_id, params={"document_number": f"文号-{who}"})
        [message] = (await self._do(who, "GET", "/inbox"))["items"]
        has.ids |= {"binding": binding.id, "message": message["id"]}
        has.marks |= {"bound enterprise": f"{who}的铺子", "message": f"文号-{who}"}

    async def _book(self, who: str) -> None:
        has, hall = self.of[who], await make_hall(f"HALL-{who}")
        first, second, third = [await make_slot(hall, starts_at=tomorrow_at(hour)) for hour in (10, 15, 16)]
        wish = {"slot_id": first.id, "business": BUSINESS}
        made = await self._do(who, "POST", "/appointments", json=wish)
        held = await self._do(who, "POST", "/appointments/holds", json={**wish, "slot_id": second.id})
        shown = await self._do(who, "GET", f"/appointments/{made['id']}/pass")
        has.ids |= {
            "appointment": made["id"],
            "hold": held["id"],
            "pass": shown["token"],
            "slot": third.id,
        }
        has.marks |= {"appointment": made["number"], "pass": shown["token"]}

    async def _push_certificates(self) -> None:
        issuer = await make_partner()
        for serial, owner in enumerate(NAMES, start=1):
            has, is_firm = self.of[owner], owner in self.firms
            pushed = certificate(
                serial, f"SERIAL{serial:06d}", name=f"证照-{owner}", holder_name=NAMES[owner],
                holder_kind="enterprise" if is_firm else "person",
                holder_number=has.marks["code" if is_firm else "id number"],
            )  # fmt: skip
            [answer] = await issuer.take_in(pushed)
            assert answer.outcome == "applied", answer
            [listed] = (await self._do(OWNERS[owner], "GET", "/me/certificates"))["items"]
            has.ids["certificate"] = listed["id"]
            has.marks |= {"certificate": pushed["name"], "number of the certificate": pushed["number"]}

    async def _ask_prefill(self, owner: str, who: str) -> None:
        await consent(self.citizens[who])
        asked = {"library": "certificates", "occasion": "application"}
        told = await self._do(who, "POST", "/me/prefills", json=asked)
        self.of[owner].ids["prefill"] = told["id"]
        self.of[owner].marks["prefill"] = told["id"]

    async def _apply_about_rating(self, firm: str, who: str) -> None:
        body = {"enterprise_id": str(self.firms[firm]), "kind": "review", "reason": f"理由-{firm}"}
        applied = await self._do(who, "POST", "/credit-ratings/appeals", json=body)
        self.of[firm].marks |= {"reason": f"理由-{firm}", "appeal": applied["case_number"]}

    async def _do(self, who: str, method: str, path: str, **said: Any) -> Any:
        answer = await self.client(method, f"/api/v1{path}", token=self.tokens[who], **said)
        assert answer.status < 300, (path, answer.body)
        return answer.body


def _invoices() -> list[DemoInvoice]:
    """Digital invoices that can be checked, no two of one amount."""
    recent = clock.today() - timedelta(days=3 * 365)
    found = {
        one.amount: one
        for one in invoices().values()
        if one.kind_code == "32" and one.state is InvoiceState.NORMAL and one.issued_on > recent
    }
    return [one for one in found.values() if Decimal(one.amount) > 10_000]


def _qr(one: DemoInvoice) -> str:
    return f"01,{one.kind_code},,{one.number},{one.amount},{one.issued_on:%Y%m%d},,5F98"


def readable(answer: Answer, printed: list[str]) -> str:
    """Everything an answer says, whatever it comes as; of a PDF what was ``printed`` for it."""
    kind = answer.headers.get("content-type", "")
    if kind == "application/pdf" and printed:
        return "".join(printed)
    if not isinstance(answer.body, bytes):
        return str(answer.body)
    if answer.body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
            return "".join(archive.read(name).decode() for name in archive.namelist())
    return answer.body.decode(errors="replace")


def marks_in(text: str, of: Mapping[str, Holdings]) -> dict[str, set[str]]:
    """Whose marks stand in a text: by owner, the names of them."""
    found = {owner: {name for name, mark in has.marks.items() if mark in text} for owner, has in of.items()}
    return {owner: names for owner, names in found.items() if names}
