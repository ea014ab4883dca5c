"""The kinds of messages, their states, and a message as the domain takes it.

The first ten are those of the Guangdong exchange model (办件信息交换, 0 to 9).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

import orjson


class MessageKind(StrEnum):
    """消息类别."""

    APPLICATION = "application"  # 0 申办
    PRE_ACCEPTANCE = "pre_acceptance"  # 1 预受理
    ACCEPTANCE = "acceptance"  # 2 受理
    REVIEW = "review"  # 3 审批
    DECISION = "decision"  # 4 办结
    SPECIAL_PROCEDURE = "special_procedure"  # 5 特别程序申请
    SPECIAL_PROCEDURE_RESULT = "special_procedure_result"  # 6 特别程序结果
    CORRECTION_NOTICE = "correction_notice"  # 7 补交告知
    CORRECTION_RECEIVED = "correction_received"  # 8 补交受理
    COLLECTION = "collection"  # 9 领取登记
    OTHER = "other"  # 其他: kept, and moves nothing
    CREDIT_RATING = "credit_rating"  # 纳税信用级别: of no case
    CERTIFICATE = "certificate"  # 电子证照: of no case


CASELESS_KINDS = (MessageKind.CREDIT_RATING, MessageKind.CERTIFICATE)
"""Kinds that tell of no case: each is judged by itself and waits for nothing."""
CASE_KINDS = tuple(kind for kind in MessageKind if kind not in CASELESS_KINDS)
"""Kinds that tell of a case and carry its number and their place among its messages."""


class MessageState(StrEnum):
    """What became of a message; only a parked one still waits, only a dead one is for people."""

    APPLIED = "applied"  # 已入库
    PARKED = "parked"  # 等待前序
    REFUSED = "refused"  # 已拒绝
    DEAD = "dead"  # 待人工处理


class Outcome(StrEnum):
    """What a row of a push is answered."""

    APPLIED = "applied"
    PARKED = "parked"
    REFUSED = "refused"
    DEAD = "dead"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Message:
    """One message whose shape was checked.

    ``step`` counts a system's messages of one case from 1 on, so that they are applied in their order
    however they arrive. ``facts`` is plain JSON; it holds personal data, so it has no repr.
    """

    sequence: int
    kind: MessageKind
    case_number: str | None
    step: int | None
    facts: Mapping[str, Any]
    digest: bytes

    @classmethod
    def of(cls, loaded: Mapping[str, Any]) -> Self:
        """The message of checked fields; equal facts have one digest, however they were written."""
        body = orjson.dumps(loaded, default=str, option=orjson.OPT_SORT_KEYS)
        return cls.from_body(body)

    @classmethod
    def from_body(cls, body: bytes | str) -> Self:
        """The message ``body`` made."""
        facts = orjson.loads(body)
        raw = body.encode() if isinstance(body, str) else body
        return cls(
            facts["sequence"],
            MessageKind(facts["kind"]),
            facts.get("case_number"),
            facts.get("step"),
            facts,
            hashlib.sha256(raw).digest(),
        )

    @property
    def body(self) -> str:
        """What ``from_body`` reads again."""
        return orjson.dumps(self.facts, option=orjson.OPT_SORT_KEYS).decode()

    def __repr__(self) -> str:
        return f"Message({self.sequence}, {self.kind}, {self.case_number}, step {self.step})"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a row is answered; ``state`` is what became of the first of equal messages."""

    sequence: int | None
    outcome: Outcome
    state: MessageState | None = None
    code: str | None = None
    detail: str | None = None
