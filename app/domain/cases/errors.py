"""What can stand in the way of a case or of asking for its progress, each with the way out."""

from app.kit.errors import InvalidInput, NotFound, Refused, TooOften


class CaseNotFound(NotFound):
    code = "case_not_found"
    message = "办件编号或查询码不对，请对照受理通知书核对后重试"


class LookupLocked(TooOften):
    code = "case_lookup_locked"
    message = "查询失败次数过多，已暂停查询，请 30 分钟后再试"


class CaseUnknown(NotFound):
    code = "case_unknown"
    message = "没有这个办件，请核对办件编号"


class CaseExists(Refused):
    code = "case_exists"
    message = "这个办件编号已经登记，请核对编号"


class BadCaseNumber(InvalidInput):
    code = "bad_case_number"
    message = "办件编号应为 8 到 64 位数字或大写字母，请核对后重试"


class AcceptanceNumberTaken(Refused):
    code = "case_acceptance_number_taken"
    message = "这个受理编号已用于同一实施主体的另一个办件，请核对受理编号"


class BadAcceptanceNumber(InvalidInput):
    code = "bad_acceptance_number"
    message = "受理编号应为 4 到 64 个字，请核对后重试"


class IllegalMove(Refused):
    code = "case_illegal_move"
    message = "办件当前状态不能进行这一步，请核对办件状态"


class ReasonMissing(InvalidInput):
    code = "case_reason_missing"
    message = "请写明告知申请人的理由或要求"


class DueMissing(InvalidInput):
    code = "case_due_missing"
    message = "受理时请确定办结期限，且不得早于受理日"


class BadQueryCode(InvalidInput):
    code = "bad_query_code"
    message = "查询码应为 6 到 8 位字母或数字，请核对后重试"


class WordsUnfit(InvalidInput):
    code = "case_words_unfit"
    message = "文字过长或含有不能使用的字符，请按提示修改后重试"


class BadTimeLimit(InvalidInput):
    code = "bad_time_limit"
    message = "时限应为 0 到 3660 之间的整数，请核对时限和单位"


class BadMoment(InvalidInput):
    code = "bad_case_moment"
    message = "日期应在 1970 年到 2100 年之间，请核对后重试"


class TooManySteps(Refused):
    code = "too_many_case_steps"
    message = "这个办件的环节过多，不再登记新的环节，请联系平台核实"


class SpecialRefused(Refused):
    code = "special_procedure_refused"
    message = "特别程序当前状态不能进行这一步，请核对特别程序"


class SpecialUnknown(NotFound):
    code = "special_procedure_unknown"
    message = "没有这个特别程序，请从待办列表中重新选择"
