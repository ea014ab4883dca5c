"""Pages of prefills: ask what the state already knows, see whence and how old it is, confirm or object."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sanic import HTTPResponse

from app.domain.accounts import consents
from app.domain.accounts.errors import ConsentUnknown, TextNotAllowed
from app.domain.sharing import asking, errors, offers, prefills, settling
from app.domain.sharing.models import Occasion, ShareState
from app.domain.sharing.offers import LONGEST_REASON, LONGEST_VALUE
from app.domain.sharing.prefills import Prefill
from app.domain.sharing.settling import Wrong
from app.gateways.exchange import Library
from app.kit.errors import Fault, InvalidInput, TooOften
from app.kit.web import H5_CITIZEN, Call, Limit, Routes, Schema, fields
from app.kit.web.pages import HTML, Nothing, PageQuery
from app.kit.web.pages.site import to
from app.public_account.h5.entry.sign_in import CHANNEL
from app.public_account.h5.pages import PREFIX, site

routes = Routes(PREFIX, tag="网页")

_SHOWN: Final = 10
_LIST: Final = f"{PREFIX}/prefills"
_PLACES: Final = (1, 2, 3)
_NOT_ASKED: Final = (
    errors.ShareNotOffered,
    errors.ShareNeedsRealName,
    errors.ShareNeedsConsent,
    ConsentUnknown,
    TooOften,
)
_NOT_SETTLED: Final = (
    errors.ShareRequestNotOpen,
    errors.ShareRequestLapsed,
    errors.ShareNeedsConsent,
)
_NOT_OBJECTED: Final = (*_NOT_SETTLED, errors.BadObjection, TextNotAllowed, InvalidInput)


class ListPrefills(PageQuery):
    cursor = fields.UUID(load_default=None, metadata={"description": "从哪一次之后"})


class AskPrefill(Schema):
    what = fields.Choice(
        [f"{library.value}-{occasion.value}" for library, occasion in offers.FIELDS],
        required=True,
        metadata={"description": "查哪个库、用于什么"},
    )
    agrees = fields.Choice(["yes"], load_default=None, metadata={"description": "已阅读并同意"})
    text_version = fields.Code(max=10, load_default="", metadata={"description": "同意的是哪一版文字"})


class AskOne(PageQuery):
    done = fields.Code(max=12, load_default="", metadata={"description": "刚刚做了什么"})


class Object(Schema):
    wrong_1 = fields.Code(max=40, load_default="", metadata={"description": "哪一项有误"})
    wrong_2 = fields.Code(max=40, load_default="", metadata={"description": "哪一项有误"})
    wrong_3 = fields.Code(max=40, load_default="", metadata={"description": "哪一项有误"})
    value_1 = fields.Text(max=LONGEST_VALUE, load_default="", metadata={"description": "应为什么"})
    value_2 = fields.Text(max=LONGEST_VALUE, load_default="", metadata={"description": "应为什么"})
    value_3 = fields.Text(max=LONGEST_VALUE, load_default="", metadata={"description": "应为什么"})
    reason = fields.Text(
        min=1, max=LONGEST_REASON, required=True, lines=True, metadata={"description": "理由"}
    )


@routes.get("/prefills", caller=H5_CITIZEN, limit=Limit.READING, query=ListPrefills, produces=HTML)
async def list_prefills(call: Call) -> object:
    """我以当前身份发起的预填，和可以发起的预填"""
    return await _list_page(call, before=call.query["cursor"])


@routes.post(
    "/prefills",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=AskPrefill,
    produces=HTML,
    errors=_NOT_ASKED,
    shows_faults=True,
)
async def ask(call: Call) -> object:
    """用已有数据预填；第一次先征得同意"""
    if call.wrong is not None:
        return await _list_page(call, refusal=call.wrong)
    asked = call.body
    library, _, occasion = asked["what"].partition("-")
    try:
        if asked["agrees"]:
            await consents.answer(
                call.caller, asking.CONSENT, asked["text_version"], is_granted=True, channel=CHANNEL
            )
        made = await asking.ask(call.caller, Library(library), Occasion(occasion))
    except _NOT_ASKED as refusal:
        return await _list_page(call, refusal=refusal)
    return to(f"{_LIST}/{made}")


@routes.get(
    "/prefills/<id:uuid>",
    caller=H5_CITIZEN,
    limit=Limit.READING,
    query=AskOne,
    produces=HTML,
    errors=(errors.ShareRequestNotFound,),
)
async def show_prefill(call: Call) -> object:
    """一次预填：来自哪里、什么时候的数据，确认或提出异议"""
    return await _one_page(call, done=call.query["done"])


@routes.post(
    "/prefills/<id:uuid>/confirm",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=Nothing,
    produces=HTML,
    errors=(errors.ShareRequestNotFound, *_NOT_SETTLED),
)
async def confirm(call: Call) -> object:
    """确认预填的内容无误"""
    try:
        await settling.confirm(call.caller, call.path["id"])
    except _NOT_SETTLED as refusal:
        return await _one_page(call, refusal=refusal)
    return to(f"{_LIST}/{call.path['id']}", {"done": "confirmed"})


@routes.post(
    "/prefills/<id:uuid>/correct",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=Object,
    produces=HTML,
    errors=(errors.ShareRequestNotFound, *_NOT_OBJECTED),
    shows_faults=True,
)
async def correct(call: Call) -> object:
    """指出预填内容有误，由数源部门核实答复"""
    try:
        if call.wrong is not None:
            raise call.wrong
        await settling.correct(call.caller, call.path["id"], list(_wrong(call.body)), call.body["reason"])
    except _NOT_OBJECTED as refusal:
        return await _one_page(call, refusal=refusal)
    return to(f"{_LIST}/{call.path['id']}", {"done": "objected"})


def _wrong(said: Mapping[str, Any]) -> Iterator[Wrong]:
    """The values said to be wrong, ``2-residence`` being one of the second record. Raises InvalidInput."""
    for place in _PLACES:
        chosen, value = said[f"wrong_{place}"], said[f"value_{place}"]
        if bool(chosen) != bool(value):
            missing, why = ("value", "请填写应为什么") if chosen else ("wrong", "请选择哪一项有误")
            raise InvalidInput(fields={f"{missing}_{place}": [why]})
        if chosen:
            record, _, name = chosen.partition("-")
            yield int(record) if record.isdecimal() else 0, name, value


def _offered(*, is_enterprise: bool) -> Iterator[tuple[str, Library, Occasion, Sequence[str]]]:
    """What may be asked in this identity, and which fields that would fetch."""
    for library, occasion in offers.FIELDS:
        try:
            asked = offers.fields_of(library, occasion, is_enterprise=is_enterprise)
        except errors.ShareNotOffered:
            continue
        yield f"{library.value}-{occasion.value}", library, occasion, asked


async def _list_page(call: Call, *, before: UUID | None = None, refusal: Fault | None = None) -> HTTPResponse:
    found, following = await prefills.recent(call.caller, before=before, limit=_SHOWN)
    has_agreed = await consents.is_granted(call.caller.person_id, asking.CONSENT)
    is_enterprise = call.caller.enterprise_id is not None
    return site.page(
        call.request,
        "prefills.html",
        prefills=found,
        following=following,
        offered=list(_offered(is_enterprise=is_enterprise)),
        consent=None if has_agreed else consents.texts()[asking.CONSENT],
        typed=call.typed,
        refusal=refusal,
    )


async def _one_page(call: Call, *, done: str = "", refusal: Fault | None = None) -> HTTPResponse:
    found = await prefills.one(call.caller, call.path["id"])
    return site.page(
        call.request,
        "prefill.html",
        prefill=found,
        is_open=found.state is ShareState.PREFILLED and bool(found.records),
        choices=list(_choices(found)),
        places=_PLACES,
        typed=call.typed,
        done=done,
        refusal=refusal,
    )


def _choices(one: Prefill) -> Iterator[tuple[str, int, str, str]]:
    """Every value that may be wrong: how a form names it, its record, its field, and what was told."""
    for place, record in enumerate(one.records, start=1):
        for name, value in record.items():
            yield f"{place}-{name}", place, name, value
