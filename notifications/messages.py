"""The messages we send: every version of each that is known, and how it reads when filled in."""

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import quote

from app.kit.clock import SHANGHAI
from config.message_shape import placeholders
from config.messages import BadMessages, Line, MessageKind
from notifications import template_fields
from notifications.models import Channel
from notifications.template_fields import DoesNotFit
from notifications.wording import checks, versions
from notifications.wording.facts import MAY_BE_EMPTY, PARAMETERS
from notifications.wording.versions import Stamp

log = logging.getLogger("weiban.wording")

_READ_AGAIN_AFTER_S: Final = 1.0

Params = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FilledSms:
    """A text message ready for its operator: the approved template, what fills it, and how it reads."""

    code: str
    text: str = field(repr=False)
    params: dict[str, str] = field(repr=False)


class Messages:
    """The message list, checked against what each kind knows and what WeChat lets in.

    Without a version the current one is meant: the version approved last. A notification is filled in
    with the version it was made with, so that it reads the same however often the wording changes.
    """

    def __init__(
        self, kinds: Mapping[str, MessageKind], *, read_again_after_s: float = _READ_AGAIN_AFTER_S
    ) -> None:
        faults = [f"{kind.name}: {fault}" for kind in kinds.values() for fault in checks.faults(kind)]
        faults += [f"{name}: 缺少这种消息" for name in PARAMETERS if name not in kinds]
        if faults:
            raise BadMessages(faults)
        self._current = dict(kinds)
        self._versions = {(kind.name, kind.version): kind for kind in kinds.values()}
        self._stamps: dict[int, Stamp] = {}
        self._pause_s = read_again_after_s
        self._read_again_at = time.monotonic()

    def kind(self, name: str, version: int | None = None) -> MessageKind:
        """The definition of a message. Raises KeyError."""
        return self._current[name] if version is None else self._versions[name, version]

    def knows(self, name: str, version: int | None = None) -> bool:
        """Whether this installation has such a message, or has ever had this version of it."""
        return name in self._current if version is None else (name, version) in self._versions

    def kinds(self) -> Iterable[MessageKind]:
        """The current version of every message, in the order of the list."""
        return self._current.values()

    def template_id(self, name: str, channel: Channel, version: int | None = None) -> str:
        """WeChat's template of a message on a channel. Raises KeyError."""
        kind = self.kind(name, version)
        return kind.template_id if channel is Channel.TEMPLATE else kind.mp_template_id

    def render(
        self, name: str, channel: Channel, params: Params, version: int | None = None
    ) -> dict[str, str]:
        """The value of each field of the card.

        Raises KeyError for an unknown message or version, DoesNotFit for a missing or impossible fact:
        a card is filled in as a whole or not at all.
        """
        return card(self.kind(name, version), channel, params)

    def summary(self, name: str, params: Params, version: int | None = None) -> str:
        """The message in one sentence, for the inbox and customer service. Raises as ``render``."""
        return summary_of(self.kind(name, version), params)

    def sms(self, name: str, params: Params, version: int | None = None) -> FilledSms:
        """The message as a text message. Raises as ``render``; KeyError also if it has none."""
        return text_message(self.kind(name, version), params)

    def page(self, name: str, params: Params, version: int | None = None) -> str:
        """The page of the mini-program a tap on the message opens. Raises as ``render``."""
        return page_of(self.kind(name, version), params)

    async def refresh(self, needed: Iterable[tuple[str, int]] = ()) -> None:
        """Learn what was approved since, in one statement and at most once a second.

        With ``needed`` (name and version) unknown ones are looked for at once: another worker may have
        queued a message with a version approved a moment ago.
        """
        if time.monotonic() < self._read_again_at and all(one in self._versions for one in needed):
            return
        self._read_again_at = time.monotonic() + self._pause_s
        stamps = await versions.stamps()
        changed = [one.id for one in stamps if self._stamps.get(one.id) != one]
        if changed:
            for kind in await versions.kinds(changed):
                self._versions[kind.name, kind.version] = kind
            self._stamps |= {one.id: one for one in stamps}
            self._choose_current(stamps)

    def _choose_current(self, stamps: Iterable[Stamp]) -> None:
        chosen = {one.name: one.version for one in stamps if one.is_approved}
        for name, version in chosen.items():
            kind = self._versions.get((name, version))
            if kind is not None and name in self._current and kind != self._current[name]:
                log.info("message %s is version %s from now on", name, version)
                self._current[name] = kind


def card(kind: MessageKind, channel: Channel, params: Params) -> dict[str, str]:
    """The value of each field of a card. Raises DoesNotFit, which names the field."""
    return {
        key: template_fields.fit(key, _filled(key, line.text, params), line.choices)
        for line, key in ((line, key_on(line, channel)) for line in kind.lines)
    }


def text_message(kind: MessageKind, params: Params) -> FilledSms:
    """A message as a text message. Raises KeyError if it has none, DoesNotFit."""
    if kind.sms is None:
        raise KeyError(f"{kind.name} has no text message")
    text = _filled("sms", kind.sms.text, params)
    return FilledSms(kind.sms.code, text, {name: str(params[name]) for name in placeholders(kind.sms.text)})


def page_of(kind: MessageKind, params: Params) -> str:
    """The page a message opens. Raises DoesNotFit."""
    return _filled("page", kind.page, {name: quote(str(value), safe="") for name, value in params.items()})


def summary_of(kind: MessageKind, params: Params) -> str:
    """A message in one sentence. Raises DoesNotFit."""
    return _filled("summary", kind.summary, params)


def moment_text(at: datetime) -> str:
    """A moment as WeChat's ``time`` fields want it: 2026年9月18日 09:00."""
    local = at.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def key_on(line: Line, channel: Channel) -> str:
    """The name of the line's field in the template of a channel."""
    return line.key if channel is Channel.TEMPLATE else line.mp_key


def _filled(where: str, text: str, params: Params) -> str:
    for name in placeholders(text):
        value = params.get(name)
        if value is None or (not str(value).strip() and name not in MAY_BE_EMPTY):
            raise DoesNotFit(where, f"{{{name}}} is missing")
    return text.format_map(params)
