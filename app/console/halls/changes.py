"""Changes to a hall: one declaration gives the form, the preview of what it would do, and the deed."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sanic import HTTPResponse

from app.console import deeds
from app.console.doors import Desk
from app.console.halls.desk import ADMIN
from app.console.site import site
from app.domain.accounts.models import StaffRole
from app.domain.appointments import changes, everywhere, house_rules
from app.domain.appointments.changes import Deed, Outlook
from app.domain.appointments.errors import OutlookChanged
from app.domain.halls import posts
from app.domain.halls.errors import HallNotFound
from app.domain.halls.models import Hall
from app.kit.errors import Fault
from app.kit.web import Call, fields
from app.kit.web.callers import CSRF_FIELD
from app.kit.web.pages import Form, PageQuery
from app.kit.web.pages.site import to

_MOST_SHOWN: Final = 200
_STEERING: Final = frozenset({CSRF_FIELD, "go", "seen"})

Path = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Input:
    """A field of a form: ``text``, ``date``, ``number``, ``check``, ``checks`` or ``choice``.

    Its label is ``halls.<change>.<name>``; ``choices`` are codes with words in the family ``words``, and
    ``blank`` is the word for what it means to leave it empty.
    """

    name: str
    kind: str = "text"
    choices: Sequence[str] = ()
    words: str | None = None
    blank: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a form shows at first: values that stand or are but suggested, choices, and what it is about."""

    typed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    suggested: Mapping[str, Sequence[str]] = field(default_factory=dict)
    choices: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    about: str = ""
    history: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a hall, or of all of them together: what is called with the hall gets ``None`` then.

    Args:
        name: of its words ``halls.<name>.…`` and of what is said when it was done.
        path: below the hall, or below what concerns all.
        standing: what the form shows at first; raises what is not found at this address.
        deed: the act of the domain that a filled-in form asks for.
    """

    name: str
    path: str
    summary: str
    shape: type[Form]
    standing: Callable[[Any, Path], Awaitable[Standing]]
    deed: Callable[[Any, Path, Mapping[str, Any]], Deed]
    inputs: Sequence[Input] = ()


def serve(desk: Desk, change: Change) -> None:
    """Give a desk the form of a change at a path below each hall, its preview and its deed."""

    async def place(call: Call) -> Hall:
        return await posts.hall_of(call.caller, call.path["hall_id"])

    _declare(desk, f"/<hall_id:int>{change.path}", change, place, desk.roles)


def serve_everywhere(desk: Desk, change: Change) -> None:
    """Give a desk the form of a change of all halls, for the system's administrator alone."""

    async def place(_: Call) -> None:
        return None

    _declare(desk, f"/everywhere{change.path}", change, place, ADMIN)


def _declare(
    desk: Desk,
    path: str,
    change: Change,
    place: Callable[[Call], Awaitable[Hall | None]],
    roles: frozenset[StaffRole],
) -> None:
    async def ask(call: Call) -> object:
        hall = await place(call)
        standing = await change.standing(hall, call.path)
        return _sheet(call, change, hall, standing, {**standing.typed, **standing.suggested})

    async def act(call: Call) -> object:
        hall = await place(call)
        standing = await change.standing(hall, call.path)
        shown = await deeds.attempt(call, change.name, lambda: _go_on(call, change, hall, standing))
        return shown.given or _sheet(call, change, hall, standing, _typed(call), shown.refusal)

    ask.__doc__, act.__doc__ = f"{change.summary}：填写", f"{change.summary}：预览或应用"
    desk.get(path, query=PageQuery, roles=roles, errors=(HallNotFound,))(ask)
    errors = (HallNotFound, OutlookChanged)
    desk.post(path, body=_shape(change), roles=roles, errors=errors, shows_faults=True)(act)


def _shape(change: Change) -> type[Form]:
    """The form of a change, with its reason, the button pressed and the preview that was seen."""
    asked = {
        "reason": fields.Text(min=2, max=120, required=True, metadata={"description": "理由"}),
        "go": fields.Choice(
            ["preview", "edit", "apply"], load_default="preview", metadata={"description": "下一步"}
        ),
        "seen": fields.Code(max=32, load_default="", metadata={"description": "看过的预览"}),
    }
    return type(f"Change{change.name.title().replace('_', '')}", (change.shape,), asked)


async def _go_on(call: Call, change: Change, hall: Hall | None, standing: Standing) -> HTTPResponse | None:
    """Apply what was looked at; show it before, and again if meanwhile it hits other bookings.

    Whoever wants to write something else goes back to the form instead.
    """
    said, refusal = call.body, None
    if said["go"] == "edit":
        return None
    deed = change.deed(hall, call.path, said)
    if said["go"] == "apply":
        try:
            await _carry_out(call, hall, deed)
            return to(_home(hall), {"done": change.name})
        except OutlookChanged as changed:
            refusal = changed
    if hall is None:
        found = await everywhere.outlook(call.caller, deed)
    else:
        found = await changes.outlook(call.caller, hall.id, deed)
    return await _preview(call, change, hall, standing, found, refusal)


async def _carry_out(call: Call, hall: Hall | None, deed: Deed) -> None:
    reason, seen = call.body["reason"], call.body["seen"]
    if hall is None:
        await everywhere.carry_out(call.caller, deed, reason=reason, seen=seen)
    else:
        await changes.carry_out(call.caller, hall.id, deed, reason=reason, seen=seen)


def _home(hall: Hall | None) -> str:
    """The page a change is reached from, and leads back to."""
    return f"{site.prefix}/halls/{'everywhere' if hall is None else hall.id}"


def _sheet(
    call: Call,
    change: Change,
    hall: Hall | None,
    standing: Standing,
    typed: Mapping[str, Sequence[str]],
    refusal: Fault | None = None,
) -> HTTPResponse:
    return site.page(
        call.request,
        "halls_form.html",
        member=call.caller,
        change=change,
        hall=hall,
        home=_home(hall),
        standing=standing,
        typed=typed,
        refusal=refusal,
    )


async def _preview(
    call: Call,
    change: Change,
    hall: Hall | None,
    standing: Standing,
    found: Outlook,
    refusal: Fault | None,
) -> HTTPResponse:
    codes = {day.business_id for day in found.days} | {hit.business_id for hit in found.hits}
    return site.page(
        call.request,
        "halls_preview.html",
        member=call.caller,
        change=change,
        hall=hall,
        home=_home(hall),
        standing=standing,
        outlook=found,
        names={code: await house_rules.business_name(code) for code in codes},
        altered=_altered(change, standing, _typed(call)),
        typed=_typed(call),
        refusal=refusal,
        most=_MOST_SHOWN,
    )


def _altered(
    change: Change, standing: Standing, typed: Mapping[str, Sequence[str]]
) -> list[tuple[Input, Sequence[str], Sequence[str]]]:
    """Which fields say something else than what stands: the field, its values until now, and the new ones.

    Where nothing stands yet, that is what was filled in, and what it means that something was not.
    """
    found: list[tuple[Input, Sequence[str], Sequence[str]]] = []
    for one in change.inputs:
        before, after = (_said(where.get(one.name, ())) for where in (standing.typed, typed))
        if sorted(before) != sorted(after) or (one.blank and not standing.typed):
            found.append((one, before, after))
    return found


def _said(values: Sequence[str]) -> list[str]:
    return [value.strip() for value in values if value.strip()]


def _typed(call: Call) -> dict[str, list[str]]:
    """Every word of the form as it came, to stand in the form again."""
    said: Mapping[str, list[str]] = call.request.form or {}
    return {name: list(values) for name, values in said.items() if name not in _STEERING}
