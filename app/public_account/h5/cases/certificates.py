"""Pages of electronic certificates: one's own, or those of the enterprise one acts for."""

from typing import Final

from app.domain.certificates import holdings
from app.domain.certificates.errors import CertificateNotFound
from app.domain.certificates.holdings import OwnCertificate
from app.domain.certificates.models import HolderKind
from app.domain.certificates.rules import IN_FORCE
from app.kit import masking
from app.kit.web import H5_CITIZEN, Call, Limit, Routes, fields
from app.kit.web.pages import HTML, PageQuery
from app.public_account.h5.pages import PREFIX, site

routes = Routes(PREFIX, tag="网页")

_SHOWN: Final = 20


class ListCertificates(PageQuery):
    cursor = fields.UUID(load_default=None, metadata={"description": "从哪一份之后"})


@routes.get("/certificates", caller=H5_CITIZEN, limit=Limit.READING, query=ListCertificates, produces=HTML)
async def list_certificates(call: Call) -> object:
    """我的电子证照；以企业身份查看时为该企业的证照"""
    found, following = await holdings.own(call.caller, before=call.query["cursor"], limit=_SHOWN)
    is_proved = bool(found) or await holdings.holder_of(call.caller) is not None
    return site.page(
        call.request,
        "certificates.html",
        certificates=[(one, masking.mask_id_number(one.number)) for one in found],
        following=following,
        in_force=IN_FORCE,
        is_proved=is_proved,
        is_for_enterprise=call.caller.enterprise_id is not None,
    )


@routes.get(
    "/certificates/<id:uuid>",
    caller=H5_CITIZEN,
    limit=Limit.READING,
    query=PageQuery,
    produces=HTML,
    errors=(CertificateNotFound,),
)
async def show_certificate(call: Call) -> object:
    """一份证照，带着展示时须加的水印文字"""
    found = await holdings.one(call.caller, call.path["id"])
    return site.page(
        call.request,
        "certificate.html",
        certificate=found,
        number=masking.mask_uscc(found.number),
        holder=_holder(found),
        is_in_force=found.state in IN_FORCE,
    )


def _holder(one: OwnCertificate) -> tuple[str, str]:
    """Name and number of the holder; an ID number stays masked wherever it stands."""
    is_person = one.holder_kind is HolderKind.PERSON
    name = masking.mask_name(one.holder_name) if is_person else one.holder_name
    return name, masking.mask_uscc(one.holder_number)
