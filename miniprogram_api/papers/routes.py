"""Routes of the papers of one's cases; whoever may not act for a case is told that there is none."""

from typing import Any, Final
from urllib.parse import quote

from sanic import HTTPResponse

from app.domain.accounts.errors import TextNotAllowed
from app.domain.cases import documents, materials, supplements
from app.domain.cases import paper_errors as errors
from app.domain.cases.errors import CaseUnknown
from app.domain.cases.paper_models import CaseMaterial
from app.domain.cases.supplements import Answer, Promise
from app.kit.files import FileLost, ScannerDown, StoreDown
from app.kit.uploads import LARGEST, UnfitFile
from app.kit.web import CITIZEN, Call, Limit, Routes
from miniprogram_api.papers import schemas

routes = Routes("/api/v1", tag="办件材料和文书")

_PDF: Final = "application/pdf"


@routes.post(
    "/cases/<number:str>/materials",
    caller=CITIZEN,
    limit=Limit.WRITING,
    body=schemas.UploadMaterial,
    largest_file=LARGEST,
    answer=schemas.MaterialView,
    status=201,
    idempotent=True,
    errors=(
        CaseUnknown,
        errors.NothingAsked,
        errors.TooManyMaterials,
        errors.UploadsUsedUp,
        errors.MaterialNotFound,
        errors.MaterialHandedIn,
        UnfitFile,
        ScannerDown,
        StoreDown,
    ),
)
async def upload(call: Call) -> object:
    """上传补正材料，一次一个文件；提交补正前可以删除"""
    file = call.body["file"]
    made = await materials.add(
        call.path["number"], call.caller, file.name, file.content,
        replaces=call.body.get("replaces"), request_key=call.key,
    )  # fmt: skip
    return _material(made)


@routes.get(
    "/cases/<number:str>/materials",
    caller=CITIZEN,
    limit=Limit.READING,
    answer=schemas.MaterialPage,
    errors=(CaseUnknown,),
)
async def list_materials(call: Call) -> object:
    """办件的全部材料，先上传的在前"""
    rows = await materials.of_case(call.path["number"], call.caller)
    return {"items": [_material(row) for row in rows], "next": None}


@routes.get(
    "/cases/<number:str>/materials/<id:uuid>/file",
    caller=CITIZEN,
    limit=Limit.READING,
    produces="application/octet-stream",
    errors=(CaseUnknown, errors.MaterialNotFound, FileLost),
)
async def download_material(call: Call) -> object:
    """下载一份材料"""
    found, content = await materials.file_of(call.path["number"], call.caller, call.path["id"])
    return _saved(content, found.media_type or "application/octet-stream", found.name)


@routes.delete(
    "/cases/<number:str>/materials/<id:uuid>",
    caller=CITIZEN,
    limit=Limit.WRITING,
    status=204,
    errors=(CaseUnknown, errors.MaterialNotFound, errors.MaterialHandedIn),
)
async def remove_material(call: Call) -> object:
    """删除一份尚未提交的材料"""
    await materials.remove(call.path["number"], call.caller, call.path["id"])
    return None


@routes.post(
    "/cases/<number:str>/supplement",
    caller=CITIZEN,
    limit=Limit.WRITING,
    body=schemas.AnswerCorrection,
    answer=schemas.CorrectionView,
    idempotent=True,
    errors=(
        CaseUnknown,
        errors.NothingAsked,
        errors.NothingHandedIn,
        errors.PromiseDateInvalid,
        errors.MaterialNotFound,
        TextNotAllowed,
    ),
)
async def answer_correction(call: Call) -> object:
    """提交补正，办件回到受理部门"""
    said = call.body
    given = Answer(
        material_ids=said["materials"],
        promises=[Promise(one["name"], one["on"]) for one in said["promises"]],
        text=said["text"],
        request_key=call.key,
    )
    return await supplements.answer(call.path["number"], call.caller, given)


@routes.get(
    "/cases/<number:str>/documents",
    caller=CITIZEN,
    limit=Limit.READING,
    answer=schemas.DocumentPage,
    errors=(CaseUnknown,),
)
async def list_documents(call: Call) -> object:
    """办件的全部文书，先出具的在前"""
    return {"items": await documents.of_case(call.path["number"], call.caller), "next": None}


@routes.get(
    "/cases/<number:str>/documents/<id:uuid>",
    caller=CITIZEN,
    limit=Limit.WRITING,  # It costs the processor more than most writing does.
    produces=_PDF,
    errors=(CaseUnknown, errors.DocumentNotFound),
)
async def download_document(call: Call) -> object:
    """下载一份文书（PDF）"""
    number, wanted = call.path["number"], call.path["id"]
    found = await documents.whole(number, call.caller, wanted)
    tag = f'"{found.sha256}"'
    if tag in call.request.headers.get("if-none-match", ""):
        return HTTPResponse(status=304, headers={"etag": tag, "cache-control": "private, no-cache"})
    answer = _saved(await documents.file_of(number, call.caller, wanted), _PDF, f"{found.title}.pdf")
    answer.headers["etag"] = tag
    return answer


def _saved(content: bytes, media_type: str, name: str) -> HTTPResponse:
    """A file to be saved: whatever it holds, it is never shown as a page of ours."""
    return HTTPResponse(
        content,
        content_type=media_type,
        headers={
            "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "cache-control": "private, no-cache",
            "x-content-type-options": "nosniff",
            "content-security-policy": "default-src 'none'; sandbox",
        },
    )


def _material(row: CaseMaterial) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "state": row.state,
        "trust": row.trust,
        "is_handed_in": row.handed_in_seq is not None,
        "media_type": row.media_type,
        "size": row.size,
        "promised_on": row.promised_on,
        "replaces_id": row.replaces_id,
        "reason": row.reason,
        "uploaded_at": row.uploaded_at,
    }
