"""The matrix: whose things each route of the mini-program API shows or changes, and who is who to them."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import aiohttp

from tests.factories.notices import PDF

PREFIX = "/api/v1"
Ids = Mapping[str, Any]
Said = Callable[[Ids], dict[str, Any]]


class Of(Enum):
    """Whose things a route deals with."""

    PERSON = "the person's own, whomever they act for"
    ACTED_FOR = "those of whom the person acts for: of themselves or of one enterprise"
    HANDED_IN = "what the person handed in themselves, for whom they act for now"
    AGENT = "those of the enterprise that is named, if the person is its agent"
    NOBODY = "things that are public"
    WHO_KNOWS = "a case whose query code is told"


@dataclass(frozen=True)
class Row:
    """What a route deals with: with a ``thing`` one that is named, else whatever there is of one's own.

    An answer that shows something must hold a mark of its owner, unless it tells none by nature.
    """

    of: Of
    thing: str | None = None
    said: Said = lambda _: {}
    tells: bool = True


def _json(**body: Any) -> Said:
    """A body in JSON; where a value names a thing, that of the owner."""
    return lambda ids: {"json": {name: _named(value, ids) for name, value in body.items()}}


def _named(value: Any, ids: Ids) -> Any:
    if isinstance(value, list):
        return [_named(one, ids) for one in value]
    if not isinstance(value, str) or not value.startswith("<"):
        return value
    thing = ids[value[1:-1]]
    return thing if isinstance(thing, int) else str(thing)


def _file(_: Ids) -> dict[str, Any]:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("file", io.BytesIO(PDF), filename="另附.pdf", content_type="application/pdf")
    return {"data": form}


def _of_enterprise(ids: Ids) -> dict[str, Any]:
    return {"params": {"enterprise_id": str(ids["enterprise"])}}


_CASE, _APPOINTMENT, _BATCH = "/cases/<number:str>", "/appointments/<id:uuid>", "/invoices/batches/<id:uuid>"

OWN = Row(Of.PERSON, tells=False)
"""A deed in one's own name, or an answer in which nothing but one's own choices stand."""
OPEN = Row(Of.NOBODY)
BY_CODE = Row(Of.WHO_KNOWS)

MATRIX: dict[tuple[str, str], Row] = {
    ("POST", "/session"): OPEN,
    ("DELETE", "/session"): OWN,
    ("PUT", "/session/identity"): Row(Of.AGENT, "enterprise", _json(enterprise_id="<enterprise>")),
    ("GET", "/me"): Row(Of.PERSON),
    ("DELETE", "/me"): OWN,
    ("GET", "/me/export"): Row(Of.PERSON),
    ("PUT", "/me/phone"): OWN,
    ("PUT", "/me/real-name"): OWN,
    ("POST", "/me/enterprises"): OWN,
    ("DELETE", "/me/enterprises/<binding_id:uuid>"): Row(Of.PERSON, "binding"),
    ("GET", "/me/consents"): OWN,
    ("POST", "/me/consents"): OWN,
    ("GET", "/me/booking-standing"): OWN,
    ("POST", "/me/booking-appeals"): OWN,
    # Certificates, and what is filled in from them and from the libraries.
    ("GET", "/me/certificates"): Row(Of.ACTED_FOR),
    ("GET", "/me/certificates/<id:uuid>"): Row(Of.ACTED_FOR, "certificate"),
    ("POST", "/me/prefills"): OWN,
    ("GET", "/me/prefills"): Row(Of.HANDED_IN),
    ("GET", "/me/prefills/<id:uuid>"): Row(Of.HANDED_IN, "prefill"),
    ("POST", "/me/prefills/<id:uuid>/correct"): Row(
        Of.HANDED_IN, "prefill", _json(corrections=[{"field": "number", "value": "12345678"}], reason="有误")
    ),
    ("POST", "/me/prefills/<id:uuid>/confirm"): Row(Of.HANDED_IN, "prefill"),
    # Halls and what is published are for everybody.
    ("GET", "/regions"): OPEN,
    ("GET", "/halls"): OPEN,
    ("GET", "/halls/<hall_id:int>"): OPEN,
    ("GET", "/halls/<hall_id:int>/availability"): OPEN,
    ("GET", "/halls/<hall_id:int>/poster"): OPEN,
    ("GET", "/scenes"): OPEN,
    ("GET", "/notices"): OPEN,
    ("GET", "/notices/<notice_id:int>"): OPEN,
    ("GET", "/notices/<notice_id:int>/attachments/<attachment_id:int>"): OPEN,
    ("GET", "/invoices/kinds"): OPEN,
    ("GET", "/credit-ratings/a-list"): OPEN,
    # Appointments.
    ("GET", "/appointments"): Row(Of.PERSON),
    ("POST", "/appointments"): OWN,
    ("POST", "/appointments/holds"): OWN,
    ("DELETE", "/appointments/holds/<hold_id:uuid>"): Row(Of.PERSON, "hold"),
    ("GET", _APPOINTMENT): Row(Of.PERSON, "appointment"),
    ("GET", f"{_APPOINTMENT}/pass"): Row(Of.PERSON, "appointment", tells=False),
    ("GET", f"{_APPOINTMENT}/pass.svg"): Row(Of.PERSON, "appointment", tells=False),
    ("GET", f"{_APPOINTMENT}/calendar.ics"): Row(Of.PERSON, "appointment"),
    ("POST", f"{_APPOINTMENT}/check-in"): Row(Of.PERSON, "appointment", _json(token="<pass>")),
    ("POST", f"{_APPOINTMENT}/reschedule"): Row(Of.PERSON, "appointment", _json(slot_id="<slot>")),
    ("POST", f"{_APPOINTMENT}/cancel"): Row(Of.PERSON, "appointment"),
    # Cases and their papers.
    ("GET", "/cases"): Row(Of.ACTED_FOR),
    ("GET", _CASE): Row(Of.ACTED_FOR, "case"),
    ("POST", "/cases/lookup"): BY_CODE,
    ("GET", "/cases/followed"): BY_CODE,
    ("POST", f"{_CASE}/follow"): BY_CODE,
    ("DELETE", f"{_CASE}/follow"): BY_CODE,
    ("GET", f"{_CASE}/materials"): Row(Of.ACTED_FOR, "case"),
    ("POST", f"{_CASE}/materials"): Row(Of.ACTED_FOR, "case", _file),
    ("GET", f"{_CASE}/materials/<id:uuid>/file"): Row(Of.ACTED_FOR, "material"),
    ("POST", f"{_CASE}/supplement"): Row(Of.ACTED_FOR, "case", _json(materials=["<material>"])),
    ("DELETE", f"{_CASE}/materials/<id:uuid>"): Row(Of.ACTED_FOR, "material"),
    ("GET", f"{_CASE}/documents"): Row(Of.ACTED_FOR, "case", tells=False),
    ("GET", f"{_CASE}/documents/<id:uuid>"): Row(Of.ACTED_FOR, "document"),
    ("POST", f"{_CASE}/withdraw"): Row(Of.ACTED_FOR, "case"),
    ("POST", f"{_CASE}/confirm-receipt"): Row(Of.ACTED_FOR, "case"),
    # Invoices.
    ("POST", "/invoices/verify"): OWN,
    ("POST", "/invoices/scan"): OWN,
    ("GET", "/invoices"): Row(Of.ACTED_FOR),
    ("GET", "/invoices/<id:uuid>"): Row(Of.ACTED_FOR, "invoice"),
    ("POST", "/invoices/<id:uuid>/save"): Row(Of.ACTED_FOR, "invoice", _json()),
    ("DELETE", "/invoices/<id:uuid>"): Row(Of.ACTED_FOR, "invoice"),
    ("GET", "/invoices/months"): Row(Of.ACTED_FOR),
    ("GET", "/invoices/export.xlsx"): Row(Of.ACTED_FOR),
    ("GET", "/invoices/export.pdf"): Row(Of.ACTED_FOR),
    ("GET", "/invoices/queue"): Row(Of.HANDED_IN),
    ("DELETE", "/invoices/queue/<id:uuid>"): Row(Of.HANDED_IN, "queued"),
    ("POST", "/invoices/batches"): OWN,
    ("POST", "/invoices/batches/file"): OWN,
    ("GET", "/invoices/batches"): Row(Of.HANDED_IN),
    ("GET", _BATCH): Row(Of.HANDED_IN, "batch"),
    ("GET", f"{_BATCH}/rows"): Row(Of.HANDED_IN, "batch"),
    ("POST", f"{_BATCH}/save-all"): Row(Of.HANDED_IN, "batch", _json()),
    ("POST", f"{_BATCH}/retry"): Row(Of.HANDED_IN, "batch"),
    ("POST", f"{_BATCH}/cancel"): Row(Of.HANDED_IN, "batch"),
    # Ratings of enterprises.
    ("GET", "/credit-ratings"): Row(Of.AGENT, "enterprise", _of_enterprise),
    ("POST", "/credit-ratings/what-if"): Row(
        Of.AGENT, "enterprise", _json(enterprise_id="<enterprise>", corrections=[])
    ),
    ("GET", "/credit-ratings/appeals"): Row(Of.AGENT, "enterprise", _of_enterprise),
    ("POST", "/credit-ratings/appeals"): Row(
        Of.AGENT, "enterprise", _json(enterprise_id="<enterprise>", kind="review", reason="请复核")
    ),
    # Messages.
    ("GET", "/inbox"): Row(Of.PERSON),
    ("POST", "/inbox/read-all"): OWN,
    ("GET", "/inbox/<id:uuid>"): Row(Of.PERSON, "message"),
    ("POST", "/inbox/<id:uuid>/read"): Row(Of.PERSON, "message"),
    ("POST", "/inbox/<id:uuid>/acknowledge"): Row(Of.PERSON, "message"),
    ("GET", "/inbox/<id:uuid>/receipt"): Row(Of.PERSON, "message"),
    ("GET", "/message-preferences"): OWN,
    ("PUT", "/message-preferences"): OWN,
    ("GET", "/subscriptions/templates"): OWN,
    ("POST", "/subscriptions"): OWN,
    ("POST", "/handoffs"): OWN,
}

NOTHING: frozenset[str] = frozenset()


def _person(name: str) -> dict[Of, frozenset[str]]:
    own = frozenset({name})
    return {Of.PERSON: own, Of.ACTED_FOR: own, Of.HANDED_IN: own, Of.AGENT: NOTHING}


def _agent(firm: str, *, acts: bool = True) -> dict[Of, frozenset[str]]:
    of = frozenset({firm})
    acted_for = of if acts else NOTHING
    return {Of.PERSON: NOTHING, Of.ACTED_FOR: acted_for, Of.HANDED_IN: acted_for, Of.AGENT: of}


_NO_AGENT = dict.fromkeys((Of.PERSON, Of.ACTED_FOR, Of.HANDED_IN, Of.AGENT), NOTHING)

REACH = {
    "ann": _person("ann"),
    "ann for her shop": {**_NO_AGENT, Of.PERSON: frozenset({"ann"})},
    "ben": _person("ben"),
    "agent of A": _agent("A"),
    "agent of A for themselves": _agent("A", acts=False),
    "agent of B": _agent("B"),
    "expired agent of A": _NO_AGENT,
    "fired agent of B": _NO_AGENT,
}
"""Whose things each caller reaches, by what a route deals with; everything else is not found.

What former agents handed in stands under ``A before`` and ``B before``: it is nobody's any more.
"""

LOCKED_OUT = ("frozen agent of A", "nobody")
"""They are sent to the sign-in whatever they ask for."""

_WAS_AGENT = frozenset({"name", "code"})
_HANDED_IN = frozenset({"case", "item", "file", "appeal", "reason"})

REMEMBERED = {
    "agent of A": {"A": _WAS_AGENT},
    "agent of A for themselves": {"A": _WAS_AGENT},
    "agent of B": {"B": _WAS_AGENT},
    "expired agent of A": {"A": _WAS_AGENT | _HANDED_IN},
    "fired agent of B": {"B": _WAS_AGENT | _HANDED_IN},
}
"""Marks a person's own data hold of an enterprise: that they were its agent, and what they handed in."""
