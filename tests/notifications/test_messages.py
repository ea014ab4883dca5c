"""The message list is refused as a whole if any of it is wrong, and fills in within WeChat's limits."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from app.sandbox.fields import checked_values
from app.sandbox.templates import load_templates
from config import messages as message_list
from config.messages import BadMessages
from notifications import template_fields
from notifications.messages import Messages, moment_text
from notifications.models import Channel
from notifications.template_fields import DoesNotFit
from notifications.wording.facts import PARAMETERS

LONG = {
    "appointment_id": "0198a0a0-0000-7000-8000-000000000000",
    "number": "48210957",
    "hall": "广东省广州市天河区税务局第一税务所（办税服务厅）",
    "address": "广东省广州市天河区天河北路 888 号市政务服务中心三楼东侧",
    "business": "增值税专用发票（增值税税控系统）最高开票限额审批",
    "starts_at": "2026年9月18日 09:00",
    "previous_starts_at": "2026年9月17日 14:30",
    "reason": "因设备检修，\n本厅当日下午暂停办理全部业务，给您带来不便敬请谅解",
    "tax": "城市维护建设税、教育费附加及地方教育附加",
    "period": "2026-07-01至2026-09-30",
    "due_at": "2026年12月15日 23:59",
    "notice_id": "1024",
    "title": "关于2026年度企业所得税汇算清缴有关事项的通告",
    "published_at": "2026年12月18日 14:30",
    "document": "税务行政处罚事项告知书（适用简易程序）",
    "document_number": "穗天税一所税通〔2026〕1024号",
    "issuer": "国家税务总局广州市天河区税务局第一税务所",
    "count": "31",
    "certificate_id": "0198a0a0-0000-7000-8000-000000000000",
    "certificate": "建筑施工企业安全生产管理人员考核合格证书（专职安全员）",
    "ends_on": "2026年12月18日",
    "case_number": "11440106MB2DEMA0293440131012002202611160001",
    "item": "增值税专用发票（增值税税控系统）最高开票限额审批",
    "office": "国家税务总局广州市天河区税务局第一税务所（办税服务厅）",
    "state": "告知转送",
    "hint": "特别程序结束，继续计算时限",
    "changed_at": "2026年12月18日 14:30",
    "invoice_id": "0198a0a0-0000-7000-8000-000000000000",
    "invoice": "尾号 0798",
    "result": "内容不一致",
    "previous_result": "部分红冲",
    "advice": "请核对票面后重新查验",
    "answered_at": "2026年12月18日 14:30",
    "found_at": "2026年12月18日 14:30",
    "due_on": "2026年12月18日",
    "was_due_on": "2026年12月17日",
    "rating_year": "2025年度",
    "published_on": "2026年12月18日",
}


def _refused(tmp_path: Path, change: tuple[str, str]) -> str:
    text = message_list.FILE.read_text("utf-8")
    assert change[0] in text
    path = tmp_path / "messages.toml"
    path.write_text(text.replace(*change, 1), "utf-8")
    with pytest.raises(BadMessages) as refused:
        Messages(message_list.load(path))
    return str(refused.value)


@pytest.mark.parametrize("channel", [Channel.TEMPLATE, Channel.SUBSCRIBE])
@pytest.mark.parametrize("name", PARAMETERS)
def test_every_message_fits_the_platform_even_with_the_longest_names(name: str, channel: Channel) -> None:
    messages = Messages(message_list.current())
    values = messages.render(name, channel, LONG)
    template = load_templates()[messages.template_id(name, channel)]
    data = {key: {"value": value} for key, value in values.items()}
    assert checked_values(template, data) == values


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("{number}", "{id_number}"), "不能代入 {id_number}"),
        (("{number}", "{number.__class__}"), "参数名"),
        (("{number}", "{number"), "花括号没有配对"),
        (("character_string1", "secret1"), "不支持"),
        (("请按时到大厅签到办理", "请按时到大厅签到办理并带齐身份证件原件和公章以及其他材料"), "超出 thing5"),
        (("version = 1", "version = 0"), "version"),
        (('lane = "urgent"', 'lane = "soon"'), "lane"),
        (("oaAppointmentBooked-sandbox", "mpAppointmentBooked-sandbox"), "重复"),
        (("[messages.appointment_booked]", "[messages.appointment_booked_twice]"), "缺少这种消息"),
        (("[messages.appointment_booked]", "[messages.appointment_booked"), "messages.toml"),
        (("thing2", "character_string1"), "key 有重复"),
        (
            ("[messages.appointment_booked]", "[messages]\nx = 3\n[messages.appointment_booked]"),
            "x: 应为一节",
        ),
        (('lane = "urgent"', 'lane = ["urgent"]'), "lane 应为"),
        (('{ label = "预约号", key = "character_string1", text = "{number}" }', "3"), "lines 应有 1 到 5 行"),
    ],
)
def test_wrong_message_list_is_refused_with_the_place(
    tmp_path: Path, change: tuple[str, str], complaint: str
) -> None:
    assert complaint in _refused(tmp_path, change)


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    text = message_list.FILE.read_text("utf-8").replace("version = 1", "version = 0")
    path = tmp_path / "messages.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(BadMessages) as refused:
        message_list.load(path)
    assert len(refused.value.faults) == len(PARAMETERS)


def test_mini_program_template_may_name_its_fields_otherwise() -> None:
    kind = message_list.current()["appointment_booked"]
    first = replace(kind.lines[0], mp_key="character_string9")
    kinds = {**message_list.current(), kind.name: replace(kind, lines=(first, *kind.lines[1:]))}
    messages = Messages(kinds)
    assert "character_string9" in messages.render(kind.name, Channel.SUBSCRIBE, LONG)
    assert "character_string1" in messages.render(kind.name, Channel.TEMPLATE, LONG)


@pytest.mark.parametrize(
    ("key", "text", "fitted"),
    [
        ("thing1", "一二三四五六七八九十一二三四五六七八九十", "一二三四五六七八九十一二三四五六七八九十"),
        ("thing1", "一二三四五六七八九十一二三四五六七八九十超", "一二三四五六七八九十一二三四五六七八九…"),
        ("thing1", "  两行\n合一 ", "两行 合一"),
        ("thing1", "", "无"),
        ("short_thing1", "一二三四五六七八九十超", "一二三四五六七八九…"),
        ("character_string1", "48210957", "48210957"),
        ("time1", "2026年9月18日 09:00~11:30", "2026年9月18日 09:00~11:30"),
        ("phrase1", "已受理", "已受理"),
        ("amount1", "¥12.50元", "¥12.50元"),
    ],
)
def test_text_is_made_to_fit(key: str, text: str, fitted: str) -> None:
    assert template_fields.fit(key, text) == fitted


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("character_string1", ""),
        ("character_string1", "预约"),
        ("character_string1", "预约号 48210957"),
        ("time1", "明天上午"),
        ("time1", ""),
        ("phrase1", "六个汉字太多"),
        ("number1", "1o"),
        ("emoji1", "x"),
        ("thing", "x"),
    ],
)
def test_exact_value_is_refused_rather_than_bent(key: str, text: str) -> None:
    with pytest.raises(DoesNotFit):
        template_fields.fit(key, text)


def test_moment_is_told_in_beijing_time() -> None:
    assert moment_text(datetime.fromisoformat("2026-09-18T01:05:00+00:00")) == "2026年9月18日 09:05"
