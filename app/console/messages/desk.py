"""The messages' desk: how each message reads, as a card on a phone, its versions, and what becomes of it."""

from collections.abc import Mapping
from typing import Any, Final

from sanic import HTTPResponse

from app.console import tables
from app.console.deeds import Shown
from app.console.doors import Desk
from app.console.forms import AskAfterDeed, flat, said_of
from app.console.site import site
from app.console.tables import Column, Filter, Table
from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.kit.errors import InvalidInput
from app.kit.web import Call, fields
from app.kit.web.pages import PageQuery
from config.messages import MessageKind
from notifications.messages import summary_of
from notifications.models import Channel
from notifications.wording import preview, queries, readers
from notifications.wording.errors import WordingNotFound
from notifications.wording.facts import PARAMETERS, SAMPLES, sample_of
from notifications.wording.listings import VERSIONS
from notifications.wording.models import VersionState
from notifications.wording.queries import Version

_V = VersionState

routes = Desk("/messages", name="messages", roles=frozenset({StaffRole.PUBLISHER, StaffRole.REVIEWER}))

AUTHORS: Final = frozenset({StaffRole.PUBLISHER})
REVIEWERS: Final = frozenset({StaffRole.REVIEWER})
NAMES: Final = sorted(PARAMETERS)
FACT: Final = "fact."
"""Before the name of a fact a message is tried with."""


async def _everything(_: StaffMember) -> dict[str, object]:
    """A message goes to people everywhere, and may be read by whoever deals with messages."""
    return {}


VERSION_TABLE = Table(
    name="versions",
    listing=VERSIONS,
    columns=(
        Column("title", lambda row: row["title"], link=lambda row: address(row["name"], row["version"])),
        Column("name", lambda row: row["name"]),
        Column("version", lambda row: row["version"]),
        Column("state", lambda row: row["state"], words="version.state"),
        Column("origin", lambda row: row["origin"], words="version.origin"),
        Column("author", lambda row: row["author"]),
        Column("reviewer", lambda row: row["reviewer"]),
        Column("created_at", lambda row: row["created_at"], order="id"),
        Column("decided_at", lambda row: row["decided_at"]),
        Column("note", lambda row: row["note"]),
    ),
    filters=(
        Filter(
            "name",
            fields.Choice(NAMES, metadata={"description": "消息"}),
            choices=NAMES,
            words="message.kind",
        ),
        Filter(
            "state",
            fields.Choice(list(VersionState), metadata={"description": "状态"}),
            choices=list(VersionState),
            words="version.state",
        ),
    ),
    narrowed=_everything,
    order="id",
    is_descending=True,
)


class AskMessage(AskAfterDeed):
    """The facts to try it with come as ``fact.<name>``."""

    class Meta:
        unknown = "include"

    version = fields.whole(1, 32767, load_default=None, metadata={"description": "第几版，默认现在这一版"})


@routes.get("/", query=PageQuery)
async def show_desk(call: Call) -> object:
    """消息：每种消息的当前版本和正在修改的版本"""
    found = await queries.overview()
    return site.page(
        call.request,
        "messages.html",
        member=call.caller,
        current=[one for one in found if one.is_current],
        examples={one.name: example_of(one.kind) for one in found if one.is_current},
        open={one.name: one for one in found if one.state in (_V.DRAFT, _V.PENDING)},
        is_linked=await readers.is_linked(call.caller),
    )


tables.serve(routes, "/versions", VERSION_TABLE, "消息版本")


@routes.get("/<name:str>", query=AskMessage, shows_faults=True, errors=(WordingNotFound,))
async def show_message(call: Call) -> object:
    """一种消息的一个版本：预览、试发、审核和从前的版本"""
    shown = Shown(done=call.query.get("done", ""), refusal=call.wrong, typed=call.typed)
    return await sheet(call, shown, said=call.query)


async def sheet(call: Call, shown: Shown, *, said: Mapping[str, Any] | None = None) -> HTTPResponse:
    """The page of a version, with what came of a form."""
    member, told = call.caller, said if said is not None else call.body
    found = await queries.version(call.path["name"], told.get("version"))
    history = await queries.history(found.name)
    facts, refusal = facts_of(told), shown.refusal
    try:
        looks = await preview.preview(found.kind, facts)
    except InvalidInput as wrong:
        looks, refusal = await preview.preview(found.kind), refusal or wrong
    return site.page(
        call.request,
        "message.html",
        member=member,
        version=found,
        shown=looks,
        history=history,
        names=await queries.authors(history),
        facts=_typed_facts(found.kind, facts),
        channels=_channels(found.kind),
        at=address(found.name),
        is_linked=await readers.is_linked(member),
        done=said_of("message", shown.done),
        refusal=refusal,
        typed=shown.typed,
        **_deeds(member, found),
    )


def address(name: str, version: int | None = None) -> str:
    """Where a message stands, or one version of it."""
    return f"{routes.prefix}/{name}" + (f"?version={version}" if version else "")


def example_of(kind: MessageKind) -> str:
    """The sentence of a message, filled in with samples."""
    return summary_of(kind, sample_of(kind.name))


def facts_of(said: Mapping[str, Any]) -> dict[str, str]:
    """The facts that were typed; what is left empty is taken from the samples."""
    return {
        name.removeprefix(FACT): value.strip()
        for name, value in flat(said).items()
        if name.startswith(FACT) and isinstance(value, str) and value.strip()
    }


def _typed_facts(kind: MessageKind, facts: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Of each fact its name, what was typed, and a sample of it."""
    return [(name, facts.get(name, ""), SAMPLES[name][0]) for name in sorted(kind.placeholders)]


def _channels(kind: MessageKind) -> list[str]:
    """Where it can be tried: a card of either account, and a text message if it has one."""
    return [Channel.TEMPLATE.value, Channel.SUBSCRIBE.value] + ([Channel.SMS.value] if kind.sms else [])


def _deeds(member: StaffMember, found: Version) -> dict[str, Any]:
    """What is offered; whether it is granted the rules say when it is asked."""
    may_write = staff.may(member, StaffRole.PUBLISHER, None)
    may_review = staff.may(member, StaffRole.REVIEWER, None)
    is_open = found.state in (_V.DRAFT, _V.PENDING)
    return {
        "may_edit": may_write and found.state is not _V.PENDING,
        "may_submit": may_write and found.state is _V.DRAFT,
        "may_decide": may_review and found.state is _V.PENDING,
        "may_retire": may_write if is_open else may_review and found.state is _V.APPROVED,
        "may_try": may_write or may_review,
    }
