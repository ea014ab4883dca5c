"""What can be refused about halls, regions and the work calendar."""

from app.kit.errors import InvalidInput, NotFound, Refused


class HallNotFound(NotFound):
    code = "hall_not_found"
    message = "没有找到该大厅，请从大厅列表中重新选择"


class RegionNotFound(NotFound):
    code = "region_not_found"
    message = "没有找到该地区，请从省份开始逐级选择"


class CounterNotFound(NotFound):
    code = "counter_not_found"
    message = "没有找到该窗口，请核对窗口号"


class BusinessNotFound(NotFound):
    code = "business_not_found"
    message = "没有该项业务，请从业务列表中选择"


class HallCodeTaken(Refused):
    code = "hall_code_taken"
    message = "已有大厅使用这个代码，请换一个"


class CounterTaken(Refused):
    code = "counter_taken"
    message = "该大厅已有这个窗口号，请换一个"


class ExceptionNotFound(NotFound):
    code = "hall_exception_not_found"
    message = "没有找到该特殊开放日，它可能已被删除"


class BlackoutNotFound(NotFound):
    code = "blackout_not_found"
    message = "没有找到该停约安排，它可能已被删除"


class BadOpeningHours(InvalidInput):
    code = "bad_opening_hours"
    message = "开放时间有误：开始应早于结束，同一天的各段不能重叠"


class BadBlackout(InvalidInput):
    code = "bad_blackout"
    message = "停约安排应在日期、每月首个工作日、每月某日三者中选一项"


class PastDay(Refused):
    code = "past_day"
    message = "不能更改已经过去的日子，请选择今天或以后的日期"


class BadRegionFile(InvalidInput):
    code = "bad_region_file"
    message = "区划文件有误，请按提示修改后重试"


class BadNotice(InvalidInput):
    code = "bad_notice"
    message = "节假日安排文件有误，请按提示修改后重试"


class PlaceUnknown(InvalidInput):
    """A post was to be given for a place there is not."""

    code = "place_unknown"
    message = "任岗的范围有误，请按提示修改"
