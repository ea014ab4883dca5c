"""From certificates to what their shapes show."""

from collections.abc import Mapping
from typing import Any, Final

from app.domain.certificates.holdings import OwnCertificate
from app.domain.certificates.models import HolderKind, State, Trust
from app.kit import masking

STATE_TEXTS: Final[Mapping[State, str]] = {
    State.INGESTED: "已归集，使用时须核对原件",
    State.VERIFIED: "尚未生效",
    State.VALID: "有效",
    State.EXPIRING: "即将到期",
    State.EXPIRED: "已过期",
    State.REVOKED: "已注销",
    State.REPLACED: "已换发",
    State.LOCKED: "已锁定",
}
TRUST_TEXTS: Final[Mapping[Trust, str]] = {
    Trust.A: "由颁发机构产生，可直接使用",
    Trust.B: "经窗口核验，可重复使用",
    Trust.C: "由办事人上传，须核对原件",
    Trust.D: "由办事人自制并承诺",
}


def brief(one: OwnCertificate) -> dict[str, Any]:
    """A certificate in a list, its number masked."""
    return {
        "id": one.id,
        "name": one.name,
        "number": masking.mask_id_number(one.number),
        "issuer_name": one.issuer_name,
        "issued_on": one.issued_on,
        "valid_from": one.valid_from,
        "valid_until": one.valid_until,
        "state": one.state,
        "state_text": STATE_TEXTS[one.state],
    }


def whole(one: OwnCertificate) -> dict[str, Any]:
    """A certificate in full for its holder; an ID number stays masked wherever it stands."""
    is_person = one.holder_kind is HolderKind.PERSON
    return {
        **brief(one),
        "number": masking.mask_uscc(one.number),
        "type_code": one.type_code,
        "version": one.version,
        "holder_name": masking.mask_name(one.holder_name) if is_person else one.holder_name,
        "holder_number": masking.mask_uscc(one.holder_number),
        "trust": one.trust,
        "trust_text": TRUST_TEXTS[one.trust],
        "watermark": one.watermark,
        "as_of": one.told_at,
    }
