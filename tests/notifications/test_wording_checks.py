"""A message that could not be sent, or would carry what it must not, is refused when it is defined."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config import messages as message_list
from config.messages import BadMessages, Line, MessageKind, SmsText
from notifications.messages import Messages
from notifications.models import Channel
from notifications.template_fields import DoesNotFit
from notifications.wording import checks
from notifications.wording.facts import sample_of

CANCELLED = message_list.current()["appointment_cancelled_by_hall"]
FACTS = sample_of(CANCELLED.name)


def faults(**changes: Any) -> str:
    return "\n".join(checks.faults(replace(CANCELLED, **changes)))


def with_line(line: Line) -> str:
    return faults(lines=(*CANCELLED.lines[:-1], line))


def note(text: str, *, label: str = "温馨提示", key: str = "thing5") -> str:
    return with_line(Line(label, key, key, text))


def test_the_list_itself_is_right() -> None:
    assert [list(checks.faults(kind)) for kind in message_list.current().values()] == (
        [[]] * len(message_list.current())
    )


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"summary": "您的预约 {phone_of_clerk} 已取消"}, "个人信息"),
        ({"summary": "{real_name}您好"}, "个人信息"),
        ({"summary": "{hall_name}"}, "不能代入 {hall_name}，可用的有 address"),
        ({"summary": "有事请找 13812345678"}, "“summary”里有手机号"),
        ({"summary": "有事请找 138 1234 5678"}, "“summary”里有手机号"),
        ({"summary": "证件 11010519491231002X 已登记"}, "“summary”里有身份证号"),
        ({"summary": "请汇入 6222020200112233446"}, "“summary”里有银行卡号"),
        ({"title": "张三丰先生的预约"}, "“标题”里有姓名"),
        ({"sms": SmsText("SMS_1", "请联系王芳女士")}, "“sms”里有姓名"),
        ({"page": "pages/x?tel=13812345678"}, "“page”里有手机号"),
        ({"summary": "{hall}" * 10}, "summary 代入后最长"),
        ({"sms": SmsText("SMS_1", "{hall}" * 21)}, "sms 代入后最长"),
    ],
)
def test_what_may_not_stand_in_a_message_is_refused(changes: dict[str, Any], complaint: str) -> None:
    assert complaint in faults(**changes)


@pytest.mark.parametrize(
    ("text", "label", "key", "complaint"),
    [
        ("请带齐材料", "姓名", "thing5", "“姓名”是个人信息"),
        ("请带齐材料", "办税人员", "name5", "“办税人员”是个人信息"),
        ("请带齐材料", "手机号码", "thing5", "“手机号码”是个人信息"),
        ("找李红小姐", "温馨提示", "thing5", "里有姓名"),
    ],
)
def test_a_line_about_a_person_is_refused(text: str, label: str, key: str, complaint: str) -> None:
    assert complaint in note(text, label=label, key=key)


@pytest.mark.parametrize(
    "text",
    ["请拨打 12366 咨询", "请携带身份证原件", "尊敬的纳税人，请按时办理", "020-87654321", "请勿将手机调静音"],
)
def test_what_is_about_nobody_may_stand(text: str) -> None:
    assert note(text) == ""


def test_the_refusal_never_repeats_the_personal_data() -> None:
    told = faults(summary="有事请找张三丰先生 13812345678")
    assert "13812345678" not in told
    assert "张三丰" not in told


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (('summary = "您已预约', 'summary = "{number'), "花括号没有配对"),
        (("{hall}{business}，", "{hall!r}，"), "参数名"),
        (("{hall}{business}，", "{hall:>30}，"), "参数名"),
        (('code = "SMS_HALL_CANCELLED"', 'code = "x"'), "sms 的 code"),
        (('code = "SMS_HALL_CANCELLED"', "code = 5"), "sms 的 code"),
        (('code = "SMS_HALL_CANCELLED", text', 'code = "SMS_HALL_CANCELLED", txt'), "sms 应形如"),
        (("digest = true", 'digest = "yes"'), "digest 应为 true 或 false"),
        (("digest = true", "digset = true"), "不认识 digset"),
        (('label = "预约号", key', 'label = "预约号", colour = "red", key'), "“预约号”里不认识 colour"),
        (("预约成功通知", "预约成功通知" * 7), "title 最多 40 字"),
    ],
)
def test_summary_text_message_and_marks_are_checked_like_lines(
    tmp_path: Path, change: tuple[str, str], complaint: str
) -> None:
    text = message_list.FILE.read_text("utf-8")
    assert change[0] in text
    path = tmp_path / "messages.toml"
    path.write_text(text.replace(*change, 1), "utf-8")
    with pytest.raises(BadMessages) as refused:
        message_list.load(path)
    assert complaint in str(refused.value)


def test_a_message_is_written_as_it_is_read() -> None:
    for kind in message_list.current().values():
        assert message_list.read(kind.name, message_list.written(kind)) == kind


def rendered(messages: Messages, kind: MessageKind, params: dict[str, str]) -> list[str]:
    """Which of the ways to fill a message in give something."""
    ways: dict[str, Callable[[], object]] = {
        "card": lambda: messages.render(kind.name, Channel.TEMPLATE, params),
        "summary": lambda: messages.summary(kind.name, params),
        "sms": lambda: messages.sms(kind.name, params),
        "page": lambda: messages.page(kind.name, params),
    }
    done = []
    for name, way in ways.items():
        try:
            way()
        except DoesNotFit:
            continue
        done.append(name)
    return done


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_a_card_is_never_half_empty(empty: str | None) -> None:
    messages = Messages(message_list.current())
    assert rendered(messages, CANCELLED, FACTS) == ["card", "summary", "sms", "page"]
    lacking = {name: value for name, value in FACTS.items() if name != "hall"}
    if empty is not None:
        lacking["hall"] = empty
    assert rendered(messages, CANCELLED, lacking) == ["page"]


def test_what_is_missing_is_named_and_what_is_there_is_not() -> None:
    messages = Messages(message_list.current())
    with pytest.raises(DoesNotFit) as missing:
        messages.render(CANCELLED.name, Channel.TEMPLATE, {**FACTS, "hall": ""})
    assert (missing.value.key, str(missing.value)) == ("thing2", "thing2: {hall} is missing")
    with pytest.raises(DoesNotFit) as wrong:
        messages.render(CANCELLED.name, Channel.TEMPLATE, {**FACTS, "starts_at": "张三的生日"})
    assert wrong.value.key == "time3"
    assert "张三" not in str(wrong.value)


def test_a_text_message_carries_its_template_and_what_fills_it() -> None:
    messages = Messages(message_list.current())
    filled = messages.sms(CANCELLED.name, FACTS)
    assert filled.code == "SMS_HALL_CANCELLED"
    assert filled.params == {name: FACTS[name] for name in ("hall", "starts_at", "number")}
    assert filled.text.startswith("天河区办税服务厅取消了您2026年9月8日 09:00的预约")
    assert "天河区" not in repr(filled)
    with pytest.raises(KeyError):
        messages.sms("appointment_booked", sample_of("appointment_booked"))


def test_what_stands_in_an_address_is_escaped() -> None:
    kinds = {
        name: replace(kind, page="pages/x?title={title}") if name == "notice_published" else kind
        for name, kind in message_list.current().items()
    }
    page = Messages(kinds).page("notice_published", {"title": "a&b=c 放假"})
    assert page == "pages/x?title=a%26b%3Dc%20%E6%94%BE%E5%81%87"
