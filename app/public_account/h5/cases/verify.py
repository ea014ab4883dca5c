"""The page on which anybody checks a document by its code, typed or scanned; it tells nothing personal."""

from app.domain.cases import verification
from app.domain.cases.errors import LookupLocked
from app.domain.cases.paper_errors import DocumentUnverified
from app.kit.web import ANYONE, Call, Limit, Routes, fields
from app.kit.web.address import client_address
from app.kit.web.pages import HTML, PageQuery
from app.public_account.h5.pages import PREFIX, site

routes = Routes(PREFIX, tag="网页")


class CheckDocument(PageQuery):
    code = fields.Text(max=40, load_default="", metadata={"description": "核验码"})
    digest = fields.Text(max=80, load_default="", metadata={"description": "文书上的内容摘要"})


@routes.get(
    "/verify",
    caller=ANYONE,
    limit=Limit.READING,
    query=CheckDocument,
    produces=HTML,
    errors=(LookupLocked,),
)
async def check_document(call: Call) -> object:
    """凭核验码核验文书真伪"""
    code, digest = call.query["code"], call.query["digest"]
    if not code:
        return site.page(call.request, "verify.html", found=None, fault=None, code="")
    try:
        found = await verification.verify(code, digest, asked_by=client_address(call.request))
    except DocumentUnverified as fault:
        return site.page(call.request, "verify.html", status=404, found=None, fault=fault, code=code)
    return site.page(call.request, "verify.html", found=found, fault=None, code="")
