"""What we may ask of which outside system, for which purpose and on which ground (SM-SHARE, F04).

A question leaves only if every field of it stands here: least fields are a table one can read, not a habit.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from app.kit.errors import Refused


class Source(StrEnum):
    """The outside systems, by the short names that settings, metrics and the call log use."""

    IDENTITY = "idv"
    INVOICES = "invoice"
    CREDIT = "credit"
    LIBRARIES = "library"


class Purpose(StrEnum):
    """用途: why a question is asked; the value goes along with it."""

    REAL_NAME = "实名核验"
    BINDING = "企业绑定"
    INVOICE_CHECK = "发票查验"
    RATING = "纳税信用查询"
    A_LIST = "A级名单查询"
    PREFILL = "表单预填"
    CASE_REVIEW = "办件核验"


@dataclass(frozen=True, slots=True)
class Grant:
    """授权: the fields we may send, what we may learn of a base library, and the ground.

    ``basis`` is the law or the person's own wish; with ``needs_consent`` the person's consent has to be told.
    """

    asks: frozenset[str]
    basis: str
    learns: frozenset[str] = frozenset()
    needs_consent: bool = False


class ShareRefused(Refused):
    """The question, or a field of it, has no ground for this purpose; it did not leave."""

    code = "share_refused"
    message = "这项数据没有共享授权，未向对方查询；请本人授权后再试，或自行填写并提交材料"


_LIBRARY_QUESTION: Final = frozenset({"library", "subject", "fields"})

GRANTS: Final[Mapping[tuple[Purpose, Source], Grant]] = MappingProxyType(
    {
        (Purpose.REAL_NAME, Source.IDENTITY): Grant(
            frozenset({"name", "id_number"}), "网络安全法第二十四条；本人申请实名"
        ),
        (Purpose.BINDING, Source.IDENTITY): Grant(
            frozenset({"uscc", "id_number", "role"}), "税收征收管理法实施细则；本人申请绑定"
        ),
        (Purpose.INVOICE_CHECK, Source.INVOICES): Grant(
            frozenset({"kind", "code", "number", "issued_on", "proof"}), "发票管理办法；持票人查验"
        ),
        (Purpose.RATING, Source.CREDIT): Grant(
            frozenset({"uscc"}), "纳税缴费信用管理办法；企业自身查询"
        ),
        (Purpose.A_LIST, Source.CREDIT): Grant(
            frozenset({"year", "query", "page"}), "纳税缴费信用管理办法；A级名单依法公告"
        ),
        (Purpose.PREFILL, Source.LIBRARIES): Grant(
            _LIBRARY_QUESTION,
            "个人信息保护法第十三条；当事人授权",
            learns=frozenset(
                {"name", "sex", "birth_date", "residence", "legal_representative", "registered_address",
                 "registered_on", "kind", "number", "valid_until", "status"}
            ),
            needs_consent=True,
        ),
        (Purpose.CASE_REVIEW, Source.LIBRARIES): Grant(
            _LIBRARY_QUESTION,
            "国务院关于在线政务服务的若干规定第十条",
            learns=frozenset({"name", "status", "kind", "number", "authority", "listed_on", "valid_until"}),
        ),
    }
)  # fmt: skip


def check(
    purpose: Purpose,
    source: Source,
    fields: Collection[str],
    *,
    learns: Collection[str] = (),
    has_consent: bool = False,
) -> None:
    """Raise ShareRefused unless all of these fields may be asked, and learnt, for this purpose."""
    grant = GRANTS.get((purpose, source))
    if grant is None or not grant.asks.issuperset(fields) or not grant.learns.issuperset(learns):
        raise ShareRefused
    if grant.needs_consent and not has_consent:
        raise ShareRefused
