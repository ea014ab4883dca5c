"""What can stand in the way of a booking, each with the way out."""

from app.kit.errors import InvalidInput, NotAllowed, NotFound, Refused


class AppointmentNotFound(NotFound):
    code = "appointment_not_found"
    message = "没有找到这个预约，请在“我的预约”中查看"


class SlotNotFound(NotFound):
    code = "slot_not_found"
    message = "没有这个时段，请刷新后重新选择"


class HallNotBookable(NotFound):
    code = "hall_not_bookable"
    message = "该大厅没有这项业务的预约，请选择其他大厅或业务"


class OtherBusiness(InvalidInput):
    code = "other_business"
    message = "该时段不办理所选业务，请重新选择"


class SlotClosed(Refused):
    code = "slot_closed"
    message = "该时段已停止预约，请选择其他时段"


class TooEarly(Refused):
    code = "too_early"
    message = "该时段尚未开放预约，请在开放后再来"


class TooLate(Refused):
    code = "too_late"
    message = "该时段已截止预约，请选择更晚的时段"


class LevelTooLow(NotAllowed):
    code = "level_too_low"
    message = "该大厅需要实名后预约，请先完成实名认证"


class Banned(Refused):
    code = "banned"
    message = "因多次爽约或取消，您暂时不能预约，可在“我的预约”中申诉或直接到现场取号"


class AlreadyBooked(Refused):
    code = "already_booked"
    message = "您在这个半天已预约同一业务，无需重复预约"


class TooManyActive(Refused):
    code = "too_many_active"
    message = "您未办理的预约已达上限，请先办理或取消后再预约"


class SlotFull(Refused):
    code = "slot_full"
    message = "该时段已约满，请选择其他时段"


class HoldGone(Refused):
    code = "hold_gone"
    message = "为您保留的名额已过期，请重新选择时段"


class HoldNotFound(NotFound):
    code = "hold_not_found"
    message = "没有为您保留的名额，请重新选择时段"


class TooManyHolds(Refused):
    code = "too_many_holds"
    message = "您已保留了一个名额，请先确认或放弃它"


class NotActive(Refused):
    code = "appointment_not_active"
    message = "该预约已结束或已取消，不能再操作"


class CancelTooLate(Refused):
    code = "cancel_too_late"
    message = "已过可取消或改约的时间，如不能到场请致电大厅"


class SameSlot(Refused):
    code = "same_slot"
    message = "新时段与原时段相同，请选择其他时段"


class CheckInNotOpen(Refused):
    code = "check_in_not_open"
    message = "还未到签到时间，请在预约时段开始前 15 分钟内再签到"


class CheckInOver(Refused):
    code = "check_in_over"
    message = "签到时间已过，请到现场重新取号"


class BadPass(InvalidInput):
    code = "bad_pass"
    message = "签到码无效或已过期，请刷新二维码后重试"


class BanNotFound(NotFound):
    code = "ban_not_found"
    message = "没有可以申诉的预约限制"


class AppealOpen(Refused):
    code = "appeal_open"
    message = "您的申诉正在处理，请等待答复"


class ConflictNotFound(NotFound):
    code = "conflict_not_found"
    message = "没有这条排班冲突，可能已经处理"


class OutlookChanged(Refused):
    code = "outlook_changed"
    message = "大厅的安排或受影响的预约在您查看期间有变化，请核对新的预览后再次确认"


class HallBusy(Refused):
    """Somebody else is changing the hall at this moment."""

    code = "hall_busy"
    message = "同事正在修改这个大厅，请稍等片刻再预览"


class BadRules(InvalidInput):
    code = "bad_rules"
    message = "最早可约的工作日不能晚于预约窗口，请调整其中一个"


class AppealNotFound(NotFound):
    code = "appeal_not_found"
    message = "没有找到这条申诉，请从申诉列表中重新选择"


class AppealDecided(Refused):
    code = "appeal_decided"
    message = "这条申诉已经答复，不能再次答复"


class BanOver(Refused):
    code = "ban_over"
    message = "该预约限制已结束或已解除，无需再解除"


class BookedElsewhere(Refused):
    """Somebody came to another hall than the one they booked."""

    code = "booked_elsewhere"
    message = "这个预约不在本大厅，请引导群众前往预约的大厅，或在手机上改约"


class NumberUnknown(NotFound):
    code = "number_unknown"
    message = "本大厅今天没有这个预约号，请核对号码，或请群众出示签到码"


class NumberUnclear(Refused):
    """The last digits of more than one number of the day."""

    code = "number_unclear"
    message = "今天有多个预约号以这几位结尾，请输入完整的 8 位预约号"


class AlreadyCheckedIn(Refused):
    code = "already_checked_in"
    message = "该预约已经签到，无需再次签到"


class NotCheckedIn(Refused):
    code = "not_checked_in"
    message = "该预约还没有签到，请先签到再叫号"


class AlreadyCalled(Refused):
    """Another clerk was quicker; ``by`` is their name."""

    code = "already_called"
    message = "该预约已被叫号，请看列表中的最新状态，或叫下一位"

    def __init__(self, by: str | None = None) -> None:
        if by is None:
            super().__init__()
        else:
            super().__init__(f"该预约已由 {by} 叫号，请看列表中的最新状态，或叫下一位", named={"by": by})


class NobodyWaits(Refused):
    code = "nobody_waits"
    message = "现在没有等候的人"


class StillServing(Refused):
    code = "still_serving"
    message = "您还有正在办理的预约，请先办结或过号，再叫下一位"


class NotServing(Refused):
    code = "not_serving"
    message = "该预约现在不在办理中，请按列表中的最新状态操作"


class CalledByAnother(Refused):
    """Who called somebody also ends it; else two clerks would act on one person."""

    code = "called_by_another"
    message = "该预约由其他窗口叫号，请由叫号的同事或大厅负责人操作"

    def __init__(self, by: str | None = None) -> None:
        super().__init__(f"该预约由 {by} 叫号，请由 {by} 或大厅负责人操作" if by else None)


class CalledThrice(Refused):
    code = "called_thrice"
    message = "已经叫号三次，请过号后叫下一位"


class NoOnsiteSeat(Refused):
    code = "no_onsite_seat"
    message = "这项业务现在没有现场号源，请群众改约其他时段，或稍后再来登记"


class WalkInUnknown(Refused):
    """Nobody with this ID number has proved who they are."""

    code = "walk_in_unknown"
    message = "没有这个身份证号的实名账号，请群众先在公众号或小程序完成实名认证，再来登记"
