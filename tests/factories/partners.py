"""Department systems that push, and the messages of whole cases."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import orjson

from app.domain.partners.kinds import Answer, MessageKind
from app.domain.partners.models import PartnerKey, PartnerSystem
from app.kit import clock, crypto, signing
from app.kit.signing import Algorithm
from app.partner_api import reading
from tests.client import Answer as HttpAnswer
from tests.client import Client
from tests.factories.cases import HANDED_IN, case_number

AUTHORITY = "11440106MB2DEMA029"
REGION = "440106"
SECRET = "a secret of both sides"
ALL_KINDS = [kind.value for kind in MessageKind]

_serials = count(1)


@dataclass
class Partner:
    """A registered system with one key, and the client it calls with."""

    id: int
    code: str
    key: str
    secret: str = SECRET
    algorithm: Algorithm = Algorithm.HMAC
    sequences: Any = field(default_factory=lambda: count(1))

    def tell(self, kind: str, number: str, step: int, **facts: Any) -> dict[str, Any]:
        """A message of a case, as it is sent, under the next sequence."""
        return message(kind, number, step, sequence=next(self.sequences), **facts)

    def headers(self, method: str, path: str, body: bytes = b"") -> dict[str, str]:
        return signing.signed_headers(self.key, self.secret, method, path, body, algorithm=self.algorithm)

    async def push(
        self, client: Client, *rows: dict[str, Any], path: str = "/partner/v1/messages"
    ) -> HttpAnswer:
        """Push over HTTP."""
        body = orjson.dumps({"messages": rows})
        return await client.post(path, data=body, headers=self.headers("POST", path, body))

    async def get(self, client: Client, path: str) -> HttpAnswer:
        return await client.get(path, headers=self.headers("GET", path))

    async def take_in(self, *rows: dict[str, Any]) -> Sequence[Answer]:
        """Push without HTTP and without a rate."""
        return await reading.push(self.id, rows, None, is_paced=False)


async def make_partner(
    *,
    kinds: Sequence[str] = ALL_KINDS,
    authorities: Sequence[str] = (AUTHORITY,),
    regions: Sequence[str] = ("4401",),
    field_map: dict[str, Any] | None = None,
    algorithm: Algorithm = Algorithm.HMAC,
    secret: str = SECRET,
    relays: Sequence[str] = (),
) -> Partner:
    """A system that may push; ``secret`` is what is kept of its key."""
    serial = next(_serials)
    system = await PartnerSystem.create(
        code=f"system-{serial}", name="行政审批系统", department="天河区政务服务数据管理局",
        kinds=list(kinds), authorities=list(authorities), regions=list(regions), field_map=field_map,
        relays=list(relays) or None,
        created_by="system",
    )  # fmt: skip
    now = clock.now()
    key = await PartnerKey.create(
        id=f"key{serial:013d}", system_id=system.id, algorithm=algorithm,
        secret_sealed=crypto.seal(secret), created_by="system", created_at=now,
        expires_at=now + timedelta(days=30),
    )  # fmt: skip
    return Partner(system.id, system.code, key.id)


FACTS: dict[str, dict[str, Any]] = {
    "application": {"item_name": "食品经营许可（新办）", "authority": AUTHORITY, "region": REGION},
    "pre_acceptance": {"result": "reviewing"},
    "acceptance": {"promised_amount": 10, "promised_unit": "working_day"},
    "review": {"stage": "初审"},
    "decision": {"result": "granted"},
    "special_procedure": {
        "procedure": "expert_review", "approver": "分管领导", "reason": "需要专家评审",
        "limit_amount": 5, "limit_unit": "working_day",
    },
    "special_procedure_result": {"result": "评审通过"},
    "correction_notice": {"reason": "请补齐营业执照复印件"},
    "correction_received": {},
    "collection": {"way": "window"},
    "other": {},
}  # fmt: skip


def message(kind: str, number: str, step: int, **facts: Any) -> dict[str, Any]:
    """A message of a kind with what it needs; an hour later with each step."""
    at = HANDED_IN + timedelta(hours=step)
    base = {"kind": kind, "case_number": number, "step": step, "at": at.isoformat(), "office": "受理窗口"}
    return {**base, **FACTS[kind], **facts}


PATHS = (
    ("application", "acceptance", "review", "decision", "collection"),
    ("application", "pre_acceptance", "acceptance", "review", "review", "decision"),
    (
        "application",
        "correction_notice",
        "correction_received",
        "acceptance",
        "review",
        "decision",
        "collection",
    ),
    ("application", "acceptance", "review", "special_procedure", "special_procedure_result", "decision"),
    # A fault of the office: a correction after the acceptance, answered; then a step that is not possible.
    ("application", "acceptance", "correction_notice", "correction_received", "decision", "acceptance"),
    ("application", "decision", "other", "acceptance", "collection"),
    ("application", "correction_notice", "acceptance", "correction_received"),
)
"""Ways of cases, with those an office should not have gone."""


def histories(cases: int) -> list[dict[str, Any]]:
    """The messages of so many cases in the order of their happening, all cases beside each other."""
    numbers = [case_number() for _ in range(cases)]
    ways = [PATHS[place % len(PATHS)] for place in range(cases)]
    rows = [
        message(way[step], number, step + 1)
        for step in range(max(len(way) for way in ways))
        for number, way in zip(numbers, ways, strict=True)
        if step < len(way)
    ]
    return [{"sequence": place, **row} for place, row in enumerate(rows, start=1)]
