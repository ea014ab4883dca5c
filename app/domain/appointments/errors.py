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
