"""The page of the papers of one's cases: answering a correction with files, and all that was exchanged."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from marshmallow import pre_load
from sanic import HTTPResponse

from app.domain.accounts.errors import TextNotAllowed
from app.domain.cases import documents, materials, supplements
from app.domain.cases import paper_errors as errors
from app.domain.cases.document_codes import SHOWN_DIGEST
from app.domain.cases.errors import CaseUnknown, IllegalMove
from app.domain.cases.models import UNDECIDED, CaseState
from app.domain.cases.paper_models import MaterialState
from app.domain.cases.paper_rules import LONGEST_NAME, LONGEST_PROMISE, LONGEST_TEXT, MOST_FILES
from app.domain.cases.supplements import Answer, Promise
from app.kit import clock
from app.kit.errors import Fault, InvalidInput
from app.kit.files import ScannerDown, StoreDown
from app.kit.uploads import LARGEST, UnfitFile
from app.kit.web import H5_CITIZEN, Call, Limit, Routes, Schema, fields
from app.kit.web.pages import HTML, Nothing, PageQuery
from app.kit.web.pages.site import to
from app.public_account.h5.cases import own as cases
from app.public_account.h5.downloads import size_of
from app.public_account.h5.pages import PREFIX, site

routes = Routes(PREFIX, tag="网页")

_PROMISES: Final = (1, 2, 3)
_REPLACEABLE: Final = (MaterialState.DECLARED, MaterialState.REJECTED)
_NOT_TAKEN: Final = (
    errors.NothingAsked,
    errors.TooManyMaterials,
    errors.UploadsUsedUp,
    errors.MaterialNotFound,
    errors.MaterialHandedIn,
    UnfitFile,
    ScannerDown,
    StoreDown,
)
_NOT_HANDED_IN: Final = (
    errors.NothingAsked,
    errors.NothingHandedIn,
    errors.PromiseDateInvalid,
    errors.MaterialNotFound,
    TextNotAllowed,
    IllegalMove,
    InvalidInput,
)


class AskPapers(PageQuery):
    done = fields.Code(max=12, load_default="", metadata={"description": "刚刚做了什么"})


class UploadMaterials(Schema):
    files = fields.List(
        fields.File(), required=True, metadata={"description": "一个或几个文件，合计不超过 20 MB"}
    )
    replaces = fields.UUID(load_default=None, metadata={"description": "替换哪一份材料"})
    key = fields.Code(required=True, max=43, metadata={"description": "页面给的幂等键"})

    @pre_load
    def leave_out_what_is_empty(self, given: Mapping[str, Any], **_: object) -> dict[str, Any]:
        """A browser sends empty text for a field left empty, and a nameless file for a file not chosen."""
        said = {**given, "files": [one for one in given.get("files", ()) if getattr(one, "name", one)]}
        return {name: value for name, value in said.items() if value}


class Correct(Schema):
    materials = fields.List(
        fields.UUID(), load_default=list, metadata={"description": "页面上列出的、随本次提交的材料"}
    )
    key = fields.Code(required=True, max=43, metadata={"description": "页面给的幂等键"})
    text = fields.Text(
        max=LONGEST_TEXT, lines=True, load_default="", metadata={"description": "给受理部门的说明"}
    )
    promise_1 = fields.Text(max=LONGEST_NAME, load_default="", metadata={"description": "承诺补齐的材料"})
    promise_2 = fields.Text(max=LONGEST_NAME, load_default="", metadata={"description": "承诺补齐的材料"})
    promise_3 = fields.Text(max=LONGEST_NAME, load_default="", metadata={"description": "承诺补齐的材料"})
    by_1 = fields.Day(load_default=None, metadata={"description": "哪天之前补齐"})
    by_2 = fields.Day(load_default=None, metadata={"description": "哪天之前补齐"})
    by_3 = fields.Day(load_default=None, metadata={"description": "哪天之前补齐"})


@routes.get(
    "/cases/<number:str>/papers",
    caller=H5_CITIZEN,
    limit=Limit.READING,
    query=AskPapers,
    produces=HTML,
    errors=(CaseUnknown,),
)
async def show_papers(call: Call) -> object:
    """办件的文书和材料；需要补正时在这里上传和提交"""
    return await _papers_page(call, done=call.query["done"])


@routes.post(
    "/cases/<number:str>/materials",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=UploadMaterials,
    largest_file=LARGEST,
    produces=HTML,
    errors=(CaseUnknown, *_NOT_TAKEN),
    shows_faults=True,
)
async def upload(call: Call) -> object:
    """上传补正材料，一次可以几个文件；提交补正前可以删除"""
    number = (await cases.own(call)).number
    if call.wrong is not None:
        return await _papers_page(call, refusal=call.wrong)
    refused: list[tuple[str, Fault]] = []
    for place, file in enumerate(call.body["files"]):
        # The same form sent twice is one; another file under its key is another.
        key = f"h5:{call.body['key']}:{place}:{len(file.content)}:{file.name}"
        try:
            await materials.add(
                number, call.caller, file.name, file.content,
                replaces=call.body["replaces"], request_key=key,
            )  # fmt: skip
        except _NOT_TAKEN as refusal:
            refused.append((file.name, refusal))
    if refused:
        return await _papers_page(call, refused=refused)
    return to(f"{cases.address_of(number)}/papers", {"done": "uploaded"})


@routes.post(
    "/cases/<number:str>/materials/<id:uuid>/remove",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=Nothing,
    produces=HTML,
    errors=(CaseUnknown, errors.MaterialNotFound, errors.MaterialHandedIn),
)
async def remove(call: Call) -> object:
    """删除一份尚未提交的材料"""
    try:
        await materials.remove(call.path["number"], call.caller, call.path["id"])
    except (errors.MaterialNotFound, errors.MaterialHandedIn) as refusal:
        return await _papers_page(call, refusal=refusal)
    return to(f"{cases.address_of(call.path['number'])}/papers", {"done": "removed"})


@routes.post(
    "/cases/<number:str>/supplement",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=Correct,
    produces=HTML,
    errors=(CaseUnknown, *_NOT_HANDED_IN),
    shows_faults=True,
)
async def hand_in(call: Call) -> object:
    """提交补正，办件回到受理部门"""
    number = (await cases.own(call)).number
    try:
        given = _given(call)
        await supplements.answer(number, call.caller, given)
    except _NOT_HANDED_IN as refusal:
        return await _papers_page(call, refusal=refusal)
    return to(cases.address_of(number), {"done": "corrected"})


def _given(call: Call) -> Answer:
    """What a form hands in. Raises InvalidInput with each field that makes no sense."""
    if call.wrong is not None:
        raise call.wrong
    said = call.body
    promises = list(_promises(said))
    return Answer(said["materials"], promises, said["text"], request_key=f"h5:{said['key']}")


def _promises(said: Mapping[str, Any]) -> Iterator[Promise]:
    for place in _PROMISES:
        name, day = said[f"promise_{place}"], said[f"by_{place}"]
        if name and day:
            yield Promise(name, day)
        elif name or day:
            missing, why = ("by", "请选择补齐的日期") if name else ("promise", "请填写材料名称")
            raise InvalidInput(fields={f"{missing}_{place}": [why]})


async def _papers_page(
    call: Call, *, done: str = "", refusal: Fault | None = None, refused: Sequence[tuple[str, Fault]] = ()
) -> HTTPResponse:
    """All papers of a case; what was refused stands first, and what was typed stays."""
    case = await cases.own(call)
    held = await materials.of_case(case.number, call.caller)
    is_asked = case.state is CaseState.SUPPLEMENT
    may_replace = [one for one in held if one.handed_in_seq is not None and one.state in _REPLACEABLE]
    return site.page(
        call.request,
        "case_papers.html",
        case=case,
        done=done,
        refusal=refusal or (refused[0][1] if refused else None),
        refused=refused,
        typed=call.typed,
        is_asked=is_asked,
        replaceable=may_replace if case.state in UNDECIDED else [],
        waiting=[one for one in held if one.handed_in_seq is None],
        handed_in=[one for one in held if one.handed_in_seq is not None],
        documents=await documents.of_case(case.number, call.caller),
        key=secrets.token_urlsafe(16),
        places=_PROMISES,
        days=_days(),
        most=(MOST_FILES, LARGEST // 1024 // 1024),
        size_of=size_of,
        shown_digest=SHOWN_DIGEST,
    )


def _days() -> tuple[date, date]:
    """The first and the last day a promise may name."""
    today = clock.today()
    return today + timedelta(days=1), today + LONGEST_PROMISE
