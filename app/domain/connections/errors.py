"""What can go wrong with the census, with connections and with sharing duties, each with the way out."""

from app.kit.errors import InvalidInput, NotFound, Refused


class SystemNotFound(NotFound):
    code = "census_system_not_found"
    message = "普查表里没有这个系统，请从系统列表中重新选择"


class NotConnecting(NotFound):
    code = "connection_not_found"
    message = "这个系统没有进行中的对接；已下线的请先重新登记对接"


class BadCensus(InvalidInput):
    """``fields`` name the place of each fault: a column, or the row and the column of a file."""

    code = "census_invalid"
    message = "普查信息有误，没有写入任何数据，请按提示修改后重试"


class CensusMoved(Refused):
    code = "census_moved"
    message = "普查信息在您核对期间有变化，没有写入任何数据；请核对新的变动后再次确认"


class BadStep(InvalidInput):
    """``fields`` name what a step needs and was not told."""

    code = "connection_step_invalid"
    message = "对接信息有误，请按提示补充后重试"


class NotNow(Refused):
    """Raised with the state the connection is in."""

    code = "connection_not_at"
    message = "对接当前的状态不能这样处理，请先查看它的进度"


class NotThrough(Refused):
    code = "connection_not_through"
    message = "网络通、数据通、业务通三项都打通后才能上线；已上线的请先标记为运行异常，再取消打通"


class ConnectedAlready(Refused):
    code = "connection_open_already"
    message = "这个系统的对接还在进行，不需要重新登记"


class DutyNotFound(NotFound):
    code = "share_duty_not_found"
    message = "清单里没有这项共享责任，请从清单中重新选择"


class DutyListed(Refused):
    code = "share_duty_listed_already"
    message = "清单里已有该部门的这项数据，请核对后再登记"


class BadDuty(InvalidInput):
    code = "share_duty_invalid"
    message = "共享责任有误，请按提示修改后重试"


class DutyNotAt(Refused):
    """Raised with the state the duty is in."""

    code = "share_duty_not_at"
    message = "共享责任当前的状态不能这样处理，请先查看它的进度"


class NoOpenRefusal(Refused):
    code = "share_refusal_not_open"
    message = "这项共享责任没有待裁定的不予共享意见，请先查看它的进度"


class RefusedAlready(Refused):
    code = "share_refused_already"
    message = "这项共享责任已有不予共享意见，请先查看裁定结果"
