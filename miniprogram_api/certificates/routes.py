"""Routes of certificates: one's own, or those of the enterprise one acts for."""

from app.domain.certificates import holdings
from app.domain.certificates.errors import CertificateNotFound
from app.kit.web import CITIZEN, Call, Limit, Routes
from miniprogram_api.certificates import schemas, views

routes = Routes("/api/v1", tag="电子证照")


@routes.get(
    "/me/certificates",
    caller=CITIZEN,
    limit=Limit.READING,
    query=schemas.ListCertificates,
    answer=schemas.CertificatePage,
)
async def list_certificates(call: Call) -> object:
    """我的电子证照；以企业身份登录时为该企业的证照"""
    found, following = await holdings.own(
        call.caller, before=call.query.get("cursor"), limit=call.query["limit"]
    )
    return {"items": [views.brief(one) for one in found], "next": str(following) if following else None}


@routes.get(
    "/me/certificates/<id:uuid>",
    caller=CITIZEN,
    limit=Limit.READING,
    answer=schemas.CertificateView,
    errors=(CertificateNotFound,),
)
async def show_certificate(call: Call) -> object:
    """一份证照"""
    return views.whole(await holdings.one(call.caller, call.path["id"]))
