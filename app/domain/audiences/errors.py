"""Every refusal about groups, audiences and lists: its code, and a sentence with the way out."""

from collections.abc import Mapping, Sequence

from app.domain.audiences.reports import Report
from app.kit.errors import InvalidInput, NotAllowed, NotFound, Refused


class InvalidRule(InvalidInput):
    """A group rule that does not read as a condition; ``fields`` names each place and why."""

    code = "group_rule_invalid"
    message = "分组规则有误，请按提示修改"


class RuleNotFound(NotFound):
    code = "group_rule_not_found"
    message = "没有找到这个分组规则，请核对分组和版本"


class RuleNotDraft(Refused):
    code = "group_rule_not_draft"
    message = "只有草稿可以启用；请先拟一个新版本"


class OwnRule(NotAllowed):
    """Whoever wrote a rule does not put it in force."""

    code = "group_rule_own"
    message = "规则须由另一位审核人员启用，不能由拟稿人自己启用"


class InvalidAudience(InvalidInput):
    """The words of an audience cannot be understood; ``fields`` names each one and why."""

    code = "audience_invalid"
    message = "受众条件有误，请按提示修改"


class NotYourAudience(NotAllowed):
    code = "audience_not_allowed"
    message = "您没有管理受众和名单的权限，请联系系统管理员授予“发布”岗位（不限大厅和地区）"


class InvalidTag(InvalidInput):
    code = "tag_invalid"

    def __init__(self) -> None:
        super().__init__(fields={"tag": ["标签为 1 到 40 个字，不含空格、冒号和控制字符"]})


class ListRefused(InvalidInput):
    """A file of which nothing was taken in; ``fields`` say why, and ``report`` may name each row."""

    code = "list_refused"
    message = "文件未导入，没有写入任何数据，请按提示修改后重新上传"

    def __init__(self, *, fields: Mapping[str, Sequence[str]], report: Report | None = None) -> None:
        super().__init__(fields=fields)
        self.report = report


class ListNotFound(NotFound):
    code = "list_not_found"
    message = "没有找到这个名单，请核对编号"
