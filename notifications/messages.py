"""The messages we send: which facts each kind may speak of, and how it reads when filled in."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from app.kit.clock import SHANGHAI
from config.messages import BadMessages, Line, MessageKind, placeholders
from notifications import template_fields
from notifications.models import Channel
from notifications.template_fields import DoesNotFit

_APPOINTMENT = frozenset({"appointment_id", "number", "hall", "address", "business", "starts_at"})

# Everything a message may be filled with. No names, no identity or phone numbers (PIPL article 6).
PARAMETERS: Mapping[str, frozenset[str]] = {
    "appointment_booked": _APPOINTMENT,
    "appointment_cancelled": _APPOINTMENT,
    "appointment_rescheduled": _APPOINTMENT | {"previous_starts_at", "reason"},
    "appointment_cancelled_by_hall": _APPOINTMENT | {"reason"},
    "appointment_reminder": _APPOINTMENT,
}

# What each fact looks like, the ordinary and the awkward: a message is tried with them when it is
# defined, so that nothing has to be refused when it is sent.
SAMPLES: Mapping[str, tuple[str, ...]] = {
    "appointment_id": ("0198a0a0-0000-7000-8000-000000000000",),
    "number": ("48210957",),
    "hall": ("天河区办税服务厅", "广东省广州市天河区税务局第一税务所（办税服务厅）"),
    "address": ("天河北路 888 号", "广东省广州市天河区天河北路 888 号市政务服务中心三楼东侧"),
    "business": ("发票领用", "增值税专用发票（增值税税控系统）最高开票限额审批"),
    "starts_at": ("2026年9月8日 09:00", "2026年12月18日 14:30"),
    "previous_starts_at": ("2026年9月7日 09:00", "2026年12月17日 14:30"),
    "reason": ("设备检修", "因设备检修，本厅当日下午暂停办理全部业务，给您带来不便敬请谅解"),
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
            key_on(line, channel): template_fields.fit(
                key_on(line, channel), line.text.format_map(params), line.choices
            )
            for line in self._kinds[name].lines
        }

    def kinds(self) -> Iterable[MessageKind]:
        """Every message, in the order of the list."""
        return self._kinds.values()

    def page(self, name: str, params: Mapping[str, str]) -> str:
        """The page of the mini-program a tap on the message opens."""
        return self._kinds[name].page.format_map(params)


def moment_text(at: datetime) -> str:
    """A moment as WeChat's ``time`` fields want it: 2026年9月18日 09:00."""
    local = at.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def key_on(line: Line, channel: Channel) -> str:
    """The name of the line's field in the template of a channel."""
    return line.key if channel is Channel.TEMPLATE else line.mp_key


def examples(text: str) -> list[str]:
    """A text filled in with every sample of each fact it speaks of; a fixed text is its own example."""
    names = placeholders(text)
    most = max((len(SAMPLES[name]) for name in names), default=1)
    return [
        text.format_map({name: SAMPLES[name][turn % len(SAMPLES[name])] for name in names})
        for turn in range(most)
    ]


def _faults(kind: MessageKind) -> Iterable[str]:
    known = PARAMETERS.get(kind.name)
    if known is None:
        yield f"{kind.name}: 没有这种消息"
        return
    strange = sorted(kind.placeholders - known)
    for name in strange:
        yield f"{kind.name}: 不能代入 {{{name}}}，可用的有 {'、'.join(sorted(known))}"
    for line in kind.lines:
        for key in dict.fromkeys((line.key, line.mp_key)):
            if not template_fields.is_known(key):
                yield f"{kind.name}: “{line.label}”的字段类型 {key} 不支持"
            elif not strange:
                yield from (f"{kind.name}: {fault}" for fault in _faults_of_line(line, key))


def _faults_of_line(line: Line, key: str) -> Iterable[str]:
    if "{" not in line.text:
        if not template_fields.fits(key, line.text, line.choices):
            yield f"“{line.label}”的内容超出 {key} 的限制"
        return
    for example in examples(line.text):
        try:
            template_fields.fit(key, example, line.choices)
        except DoesNotFit:
            yield f"“{line.label}”的字段 {key} 放不下“{example}”，请换字段类型或改写"
            return
