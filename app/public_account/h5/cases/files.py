"""Files of one's cases, to be saved: materials as they were handed in, documents as PDF."""

from app.domain.cases import documents, materials
from app.domain.cases.errors import CaseUnknown
from app.domain.cases.paper_errors import DocumentNotFound, MaterialNotFound
from app.kit.files import FileLost
from app.kit.web import H5_CITIZEN, Call, Limit, Routes
from app.kit.web.pages import PageQuery
from app.public_account.h5.downloads import ANY_FILE, PDF, saved
from app.public_account.h5.pages import PREFIX

routes = Routes(PREFIX, tag="网页")


@routes.get(
    "/cases/<number:str>/materials/<id:uuid>/file",
    caller=H5_CITIZEN,
    limit=Limit.READING,
    query=PageQuery,
    produces=ANY_FILE,
    errors=(CaseUnknown, MaterialNotFound, FileLost),
)
async def download_material(call: Call) -> object:
    """下载一份材料"""
    found, content = await materials.file_of(call.path["number"], call.caller, call.path["id"])
    return saved(content, found.media_type or ANY_FILE, found.name)


@routes.get(
    "/cases/<number:str>/documents/<id:uuid>",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,  # It costs the processor more than most writing does.
    query=PageQuery,
    produces=PDF,
    errors=(CaseUnknown, DocumentNotFound),
)
async def download_document(call: Call) -> object:
    """下载一份文书（PDF）"""
    number, wanted = call.path["number"], call.path["id"]
    found = await documents.whole(number, call.caller, wanted)
    return saved(await documents.file_of(number, call.caller, wanted), PDF, f"{found.title}.pdf")
