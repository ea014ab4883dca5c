"""What each message may speak of, and what those facts look like."""

from collections.abc import Mapping
from typing import Final

from config.message_shape import placeholders

_APPOINTMENT = frozenset({"appointment_id", "number", "hall", "address", "business", "starts_at"})

_CASE = frozenset({"case_number", "item", "office"})
_CASE_STEP = _CASE | {"state", "hint", "changed_at"}

_INVOICE = frozenset({"invoice_id", "invoice", "result", "advice"})

# Everything a message may be filled with. No names, no identity or phone numbers (PIPL article 6).
PARAMETERS: Final[Mapping[str, frozenset[str]]] = {
    "appointment_booked": _APPOINTMENT,
    "appointment_cancelled": _APPOINTMENT,
    "appointment_rescheduled": _APPOINTMENT | {"previous_starts_at", "reason"},
    "appointment_cancelled_by_hall": _APPOINTMENT | {"reason"},
    "appointment_reminder": _APPOINTMENT,
    "appointment_checked_in": _APPOINTMENT,
    "booking_appeal_decided": frozenset({"hall", "state", "hint", "changed_at"}),
    "tax_reminder": frozenset({"tax", "period", "due_at"}),
    "notice_published": frozenset({"notice_id", "title", "published_at"}),
    "document_served": frozenset({"document", "document_number", "issuer"}),
    "digest": frozenset({"count", "title"}),
    "case_accepted": _CASE_STEP | {"due_on"},
    "case_correction": _CASE_STEP,
    "case_progress": _CASE_STEP,
    "case_decided": _CASE_STEP,
    "case_ready": _CASE_STEP,
    "case_due_moved": _CASE | {"was_due_on", "due_on"},
    "case_document": _CASE_STEP | {"document", "issuer"},
    "case_followed": frozenset({"case_number", "item", "state", "changed_at"}),
    "certificate_ending": frozenset({"certificate_id", "certificate", "issuer", "ends_on", "hint"}),
    "credit_rating_published": frozenset({"rating_year", "published_on"}),
    "invoice_answered": _INVOICE | {"answered_at"},
    "invoice_changed": _INVOICE | {"previous_result", "found_at"},
}

# What each fact looks like, the ordinary and the awkward: a message is tried with them when it is
# defined, so that nothing has to be refused when it is sent.
SAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    "appointment_id": ("0198a0a0-0000-7000-8000-000000000000",),
    "number": ("48210957",),
    "hall": ("天河区办税服务厅", "广东省广州市天河区税务局第一税务所（办税服务厅）"),
    "address": ("天河北路 888 号", "广东省广州市天河区天河北路 888 号市政务服务中心三楼东侧"),
    "business": ("发票领用", "增值税专用发票（增值税税控系统）最高开票限额审批"),
    "starts_at": ("2026年9月8日 09:00", "2026年12月18日 14:30"),
    "previous_starts_at": ("2026年9月7日 09:00", "2026年12月17日 14:30"),
    "tax": ("增值税", "城市维护建设税、教育费附加及地方教育附加"),
    "period": ("2026年第三季度", "2026-07-01至2026-09-30"),
    "due_at": ("2026年9月15日 18:00", "2026年12月15日 23:59"),
    "notice_id": ("1024",),
    "title": ("国庆节放假安排", "关于2026年度企业所得税汇算清缴有关事项的通告"),
    "published_at": ("2026年9月8日 09:00", "2026年12月18日 14:30"),
    "document": ("税务事项通知书", "税务行政处罚事项告知书（适用简易程序）"),
    "document_number": ("穗税通〔2026〕12号", "穗天税一所税通〔2026〕1024号"),
    "issuer": ("天河区税务局", "国家税务总局广州市天河区税务局第一税务所"),
    "count": ("2", "31"),
    "certificate_id": ("0198a0a0-0000-7000-8000-000000000000",),
    "certificate": ("食品经营许可证", "建筑施工企业安全生产管理人员考核合格证书（专职安全员）"),
    "ends_on": ("2026年9月8日", "2026年12月18日"),
    "case_number": ("11440106MB2DEMA0293440131012002202611160001", "SB-2026-0001"),
    "item": ("食品经营许可（新办）", "增值税专用发票（增值税税控系统）最高开票限额审批"),
    "office": ("天河区受理窗口", "国家税务总局广州市天河区税务局第一税务所（办税服务厅）"),
    "state": ("已受理", "告知转送"),
    "hint": ("您暂时不用做什么", "特别程序结束，继续计算时限"),
    "changed_at": ("2026年9月8日 09:00", "2026年12月18日 14:30"),
    "due_on": ("2026年9月8日", "2026年12月18日"),
    "was_due_on": ("2026年9月7日", "2026年12月17日"),
    "invoice_id": ("0198a0a0-0000-7000-8000-000000000000", "folder"),
    "invoice": ("尾号 4884", "尾号 0798"),
    "result": ("正常", "内容不一致"),
    "previous_result": ("正常", "部分红冲"),
    "advice": ("可以作为报销凭证", "请核对票面后重新查验"),
    "answered_at": ("2026年9月8日 09:00", "2026年12月18日 14:30"),
    "found_at": ("2026年9月8日 09:00", "2026年12月18日 14:30"),
    "rating_year": ("2025年度",),
    "published_on": ("2026年4月8日", "2026年12月18日"),
    "reason": ("设备检修", "因设备检修，本厅当日下午暂停办理全部业务，给您带来不便敬请谅解"),
}

# A hall may have no address yet; everything else must be there, or the message says nothing.
MAY_BE_EMPTY: Final = frozenset({"address"})


def sample_of(name: str) -> dict[str, str]:
    """An ordinary value of every fact a message may speak of."""
    return {fact: SAMPLES[fact][0] for fact in sorted(PARAMETERS.get(name, ()))}


def examples(text: str) -> list[str]:
    """A text filled in with every sample of each fact it speaks of; a fixed text is its own example."""
    names = placeholders(text)
    most = max((len(SAMPLES[name]) for name in names), default=1)
    return [
        text.format_map({name: SAMPLES[name][turn % len(SAMPLES[name])] for name in names})
        for turn in range(most)
    ]
