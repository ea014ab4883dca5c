"""How a message will look: each card as WeChat shows it, the sentence of the inbox, the text message."""

from collections.abc import Mapping
from dataclasses import dataclass

from config.message_shape import placeholders
from config.messages import MessageKind
from notifications import library, messages
from notifications.library import Template
from notifications.models import Channel
from notifications.template_fields import DoesNotFit
from notifications.wording.errors import BadWording
from notifications.wording.facts import PARAMETERS, sample_of


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line of a card; ``is_shortened`` says that WeChat's limit cost some of the text."""

    label: str
    value: str
    is_shortened: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A card in WeChat. Title and labels are the template's own; ours stand in until the library has it."""

    channel: Channel
    title: str
    lines: tuple[ShownLine, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """A message filled in everywhere it may go; ``objections`` are what WeChat would refuse, and hints."""

    cards: tuple[Card, ...]
    summary: str
    page: str
    sms: str | None
    objections: tuple[str, ...]


async def preview(kind: MessageKind, params: Mapping[str, str] | None = None) -> Preview:
    """How the message will look with these facts; what is not given is taken from the samples.

    Raises BadWording for a fact the message cannot speak of, or one that fits nowhere.
    """
    facts = check_facts(kind, params or {})
    known = await library.read()
    templates = ((Channel.TEMPLATE, kind.template_id), (Channel.SUBSCRIBE, kind.mp_template_id))
    try:
        return Preview(
            cards=tuple(_card(kind, channel, facts, known.get(id_)) for channel, id_ in templates),
            summary=messages.summary_of(kind, facts),
            page=messages.page_of(kind, facts),
            sms=messages.text_message(kind, facts).text if kind.sms else None,
            objections=tuple(one.text for one in await library.objections(kind)),
        )
    except DoesNotFit as wrong:
        raise BadWording([f"字段 {wrong.key} 不能这样填写，请换一个内容"]) from None


def check_facts(kind: MessageKind, params: Mapping[str, str]) -> dict[str, str]:
    """The facts a message is tried with, samples where none is given. Raises BadWording."""
    strange = sorted(params.keys() - PARAMETERS.get(kind.name, frozenset()))
    if strange:
        known = "、".join(sorted(PARAMETERS.get(kind.name, ())))
        raise BadWording([f"这种消息没有 {name}，可填写的有 {known}" for name in strange])
    return {**sample_of(kind.name), **params}


def _card(kind: MessageKind, channel: Channel, facts: Mapping[str, str], template: Template | None) -> Card:
    shown = messages.card(kind, channel, facts)
    labels = template.labels if template is not None else {}
    lines = []
    for line in kind.lines:
        key = messages.key_on(line, channel)
        is_shortened = bool(placeholders(line.text)) and len(line.text.format_map(facts)) > len(shown[key])
        lines.append(ShownLine(labels.get(key) or line.label, shown[key], is_shortened))
    return Card(channel, template.title if template is not None else kind.title, tuple(lines))
