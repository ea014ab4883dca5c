"""The messages we send: which facts each kind may speak of, and how it reads when filled in."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from app.kit.clock import SHANGHAI
from config.messages import BadMessages, Line, MessageKind
from notifications import template_fields
from notifications.models import Channel

_APPOINTMENT = frozenset({"appointment_id", "number", "hall", "address", "business", "starts_at"})

# Everything a message may be filled with. No names, no identity or phone numbers (PIPL article 6).
PARAMETERS: Mapping[str, frozenset[str]] = {
    "appointment_booked": _APPOINTMENT,
    "appointment_cancelled": _APPOINTMENT,
    "appointment_rescheduled": _APPOINTMENT | {"previous_starts_at", "reason"},
    "appointment_cancelled_by_hall": _APPOINTMENT | {"reason"},
    "appointment_reminder": _APPOINTMENT,
}


class Messages:
    """The message list, checked against what each kind knows and what WeChat lets in."""

    def __init__(self, kinds: Mapping[str, MessageKind]) -> None:
        faults = [fault for kind in kinds.values() for fault in _faults(kind)]
        faults += [f"{name}: 缺少这种消息" for name in PARAMETERS if name not in kinds]
        if faults:
            raise BadMessages(faults)
        self._kinds = kinds

    def kind(self, name: str) -> MessageKind:
        """The definition of a message. Raises KeyError."""
        return self._kinds[name]

    def knows(self, name: str) -> bool:
        """Whether this installation still has such a message."""
        return name in self._kinds

    def template_id(self, name: str, channel: Channel) -> str:
        """WeChat's template of a message on a channel. Raises KeyError."""
        kind = self._kinds[name]
        return kind.template_id if channel is Channel.TEMPLATE else kind.mp_template_id

    def render(self, name: str, channel: Channel, params: Mapping[str, str]) -> dict[str, str]:
        """The value of each field. Raises KeyError for a missing fact, DoesNotFit for an impossible one."""
        return {
            _key(line, channel): template_fields.fit(_key(line, channel), line.text.format_map(params))
            for line in self._kinds[name].lines
        }

    def page(self, name: str, params: Mapping[str, str]) -> str:
        """The page of the mini-program a tap on the message opens."""
        return self._kinds[name].page.format_map(params)


def moment_text(at: datetime) -> str:
    """A moment as WeChat's ``time`` fields want it: 2026年9月18日 09:00."""
    local = at.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def _key(line: Line, channel: Channel) -> str:
    return line.key if channel is Channel.TEMPLATE else line.mp_key


def _faults(kind: MessageKind) -> Iterable[str]:
    known = PARAMETERS.get(kind.name)
    if known is None:
        yield f"{kind.name}: 没有这种消息"
        return
    for name in sorted(kind.placeholders - known):
        yield f"{kind.name}: 不能代入 {{{name}}}，可用的有 {'、'.join(sorted(known))}"
    for line in kind.lines:
        for key in (line.key, line.mp_key):
            if not template_fields.is_known(key):
                yield f"{kind.name}: “{line.label}”的字段类型 {key} 不支持"
            elif "{" not in line.text and not template_fields.fits(key, line.text):
                yield f"{kind.name}: “{line.label}”的内容超出 {key} 的限制"
