"""Whether a message can be sent as it is worded: judged when it is defined, before it has a reader."""

from collections.abc import Iterator
from typing import Final

from config.message_shape import field_type
from config.messages import Line, MessageKind
from notifications import template_fields
from notifications.template_fields import DoesNotFit
from notifications.wording import personal_data
from notifications.wording.facts import PARAMETERS, examples

# A customer-service message takes 2048 bytes; a reader takes in less.
LONGEST_SUMMARY: Final = 200
# Operators take five hundred signs, the signature among them.
LONGEST_SMS: Final = 480


def faults(kind: MessageKind) -> Iterator[str]:
    """Everything that is wrong with the wording of a message, in Chinese."""
    known = PARAMETERS.get(kind.name)
    if known is None:
        yield "没有这种消息"
        return
    strange = sorted(kind.placeholders - known)
    for name in strange:
        yield _strange(name, known)
    yield from _personal(kind)
    if not strange:
        yield from _too_long(kind)
    for line in kind.lines:
        for key in dict.fromkeys((line.key, line.mp_key)):
            if not template_fields.is_known(key):
                yield f"“{line.label}”的字段类型 {key} 不支持"
            elif not strange:
                yield from _faults_of_line(line, key)


def _strange(name: str, known: frozenset[str]) -> str:
    if personal_data.is_personal_fact(name):
        return f"不能代入 {{{name}}}：消息里不得出现姓名、证件号、手机号等个人信息，请删去"
    return f"不能代入 {{{name}}}，可用的有 {'、'.join(sorted(known))}"


def _personal(kind: MessageKind) -> Iterator[str]:
    for line in kind.lines:
        is_name = any(personal_data.is_personal_field(field_type(key)) for key in (line.key, line.mp_key))
        if is_name or personal_data.is_personal_label(line.label):
            yield f"“{line.label}”是个人信息，消息里不得出现姓名、证件号、手机号，请换用没有这一项的模板"
    texts = {
        "标题": kind.title,
        "summary": kind.summary,
        "page": kind.page,
        "sms": kind.sms and kind.sms.text,
    }
    texts |= {line.label: "\n".join((line.text, *line.choices)) for line in kind.lines}
    for where, text in texts.items():
        for what in personal_data.found_in(text or ""):
            yield f"“{where}”里有{what}，消息里不得出现个人信息，请删去"


def _too_long(kind: MessageKind) -> Iterator[str]:
    longest = max(map(len, examples(kind.summary)))
    if longest > LONGEST_SUMMARY:
        yield f"summary 代入后最长 {longest} 字，最多 {LONGEST_SUMMARY} 字，请缩短"
    if kind.sms is not None:
        longest = max(map(len, examples(kind.sms.text)))
        if longest > LONGEST_SMS:
            yield f"sms 代入后最长 {longest} 字，最多 {LONGEST_SMS} 字，请缩短"


def _faults_of_line(line: Line, key: str) -> Iterator[str]:
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
