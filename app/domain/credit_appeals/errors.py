"""What can stand in the way of an application about a rating, each with the way out."""

from app.kit.errors import InvalidInput, NotAllowed, NotFound, Refused


class WrongRole(NotAllowed):
    code = "credit_appeal_wrong_role"
    message = "只有法定代表人、财务负责人或办税员可以申请复核和修复，请由他们办理"


class AlreadyApplied(Refused):
    code = "credit_appeal_under_way"
    message = "该年度已有同类申请正在办理，请在办件进度中查看"


class AppealTooLate(Refused):
    code = "credit_appeal_too_late"
    message = "复核只能在下一次年度评价结果发布前申请，该年度已不能申请"


class NothingToRepair(Refused):
    code = "credit_nothing_to_repair"
    message = "所选扣分不在修复范围或已过修复期限，不能申请修复"


class RepairNotOpen(Refused):
    """The facts of the rating do not allow it yet, or never will; the message says why."""

    code = "credit_repair_not_open"
    message = "目前不符合修复条件，请在扣分明细和测算中查看"


class AppealInvalid(InvalidInput):
    """An application or a decision that cannot be understood; ``fields`` say why."""

    code = "credit_appeal_invalid"
    message = "填写的内容有误，请按提示修改"


class AppealNotFound(NotFound):
    code = "credit_appeal_not_found"
    message = "没有这个申请，请核对办件编号"


class AppealIllegalMove(Refused):
    code = "credit_appeal_illegal_move"
    message = "申请当前状态不能这样处理，请核对它的状态"


class NotYourAppeal(NotAllowed):
    code = "credit_appeal_not_allowed"
    message = "您没有处理信用申请的权限：受理需“窗口”岗位，决定需“审核”岗位，请联系系统管理员"
