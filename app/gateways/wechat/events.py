"""What WeChat tells us, in one shape, whichever of its forms it came in.

XML nests subscribe lists and writes numbers bare; mini-program JSON has a top-level ``List`` that
is an array or a single object, with numbers as text. After ``parse`` none of that is left.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from app.gateways.wechat.errors import BadEnvelope
from app.gateways.wechat.markup import parse_body
from app.kit.clock import SHANGHAI

_LIST_EVENTS: Final = ("subscribe_msg_popup_event", "subscribe_msg_change_event", "subscribe_msg_sent_event")
_LONGEST_MOMENT: Final = 11  # Digits; twelve can be later than any calendar goes.


@dataclass(frozen=True, slots=True)
class Message:
    """Something a person wrote or sent; ``kind`` is text, image, voice, location and so on.

    ``text`` is what they said in words: the text itself, or what WeChat heard in a voice message.
    """

    kind: str
    openid: str
    account: str
    created_at: datetime
    msg_id: str | None
    text: str
    raw: dict[str, Any] = field(repr=False)

    @property
    def once_key(self) -> str:
        """What two deliveries of the same message share."""
        return f"m:{self.msg_id}" if self.msg_id else f"m:{self.openid}:{self.created_at.timestamp():.0f}"

    @property
    def position(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees of a location sent by hand."""
        return _position(self.raw, "Location_X", "Location_Y")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; ``event`` is in lower case.

    ``key`` is EventKey as text, ``entries`` the list of the subscribe events, each entry a flat
    mapping of texts with WeChat's own names.
    """

    event: str
    openid: str
    account: str
    created_at: datetime
    key: str
    msg_id: str | None
    entries: tuple[dict[str, str], ...]
    raw: dict[str, Any] = field(repr=False)
    kind: str = "event"

    @property
    def once_key(self) -> str:
        """Event and key belong to it, since one person can cause two events in one second."""
        at = f"{self.created_at.timestamp():.0f}"
        return f"e:{self.openid}:{at}:{self.event}:{self.key}:{self.msg_id or ''}"

    @property
    def position(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees that a phone reported by itself (LOCATION)."""
        return _position(self.raw, "Latitude", "Longitude")

    def told(self, name: str) -> str:
        """Another field of the event by WeChat's name; empty if it has none."""
        return _text(self.raw.get(name))


def parse(body: bytes) -> Message | Event:
    """Read a decrypted (or plain) push, XML or JSON. Raises BadEnvelope."""
    raw = parse_body(body)
    kind = _text(raw.get("MsgType"))
    # MsgId can be a text in JSON; most events have 0 or none; receipts spell it MsgID.
    msg_id = _text(raw.get("MsgId")) or _text(raw.get("MsgID"))
    openid = _text(raw.get("FromUserName"))
    if not kind or not openid:
        raise BadEnvelope("no MsgType or FromUserName")
    account, created_at = _text(raw.get("ToUserName")), _moment(raw.get("CreateTime"))
    msg_id_or_none = msg_id if msg_id not in ("", "0") else None
    if kind != "event":
        text = _text(raw.get("Content")) or _text(raw.get("Recognition"))
        return Message(kind.lower(), openid, account, created_at, msg_id_or_none, text, raw)
    event = _text(raw.get("Event")).lower()
    if not event:
        raise BadEnvelope("no Event")
    # What concerns a person's own rights is pushed by the platform: its sender is not the person.
    openid = _text(raw.get("OpenID")) or openid
    entries = tuple(_entries(raw, event)) if event in _LIST_EVENTS else ()
    key = _text(raw.get("EventKey"))
    return Event(event, openid, account, created_at, key, msg_id_or_none, entries, raw)


def _entries(raw: dict[str, Any], event: str) -> Iterator[dict[str, str]]:
    nested_name = "".join(part.capitalize() for part in event.split("_"))
    nested = raw.get(nested_name)
    found = nested.get("List") if isinstance(nested, dict) else raw.get("List")
    for entry in found if isinstance(found, list) else [found]:
        if isinstance(entry, dict):
            yield {str(name): _text(value) for name, value in entry.items()}


def _text(value: Any) -> str:
    """Text of a text or number; anything nested or missing counts as absent."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _position(raw: Mapping[str, Any], latitude: str, longitude: str) -> tuple[float, float] | None:
    try:
        place = float(_text(raw.get(latitude))), float(_text(raw.get(longitude)))
    except ValueError:
        return None
    return place if abs(place[0]) <= 90 and abs(place[1]) <= 180 else None  # NaN is refused too.


def _moment(value: Any) -> datetime:
    digits = _text(value)
    if not (digits.isascii() and digits.isdigit()) or len(digits) > _LONGEST_MOMENT:
        raise BadEnvelope("CreateTime")
    return datetime.fromtimestamp(int(digits), SHANGHAI)
