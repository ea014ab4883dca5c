"""What can stand in the way of ratings and their releases, each with the way out."""

from app.kit.errors import InvalidInput, NotAllowed, NotFound, Refused


class RatingNotFound(NotFound):
    code = "credit_rating_not_found"
    message = "该企业没有这个年度的评价结果，请核对年度"


class AListNotPublished(NotFound):
    code = "credit_a_list_not_published"
    message = "该年度的 A 级名单尚未公布；评价结果每年 4 月发布，请核对年度"


class WhatIfInvalid(InvalidInput):
    """A supposition that cannot be reckoned with; ``fields`` say why."""

    code = "credit_what_if_invalid"
    message = "测算条件有误，请按提示修改"


class NotYourRelease(NotAllowed):
    code = "credit_release_not_allowed"
    message = "您没有处理评价结果的权限：导入需“数据交换”岗位，发布需“审核”岗位，请联系系统管理员"


class OwnRelease(NotAllowed):
    """Whoever imported a release does not publish it."""

    code = "credit_release_own"
    message = "评价结果须由导入人以外的另一人发布"


class ReleaseNotFound(NotFound):
    code = "credit_release_not_found"
    message = "没有这一批评价结果，请核对编号"


class ReleaseRefused(InvalidInput):
    """A file of which nothing is taken in; ``fields`` say why."""

    code = "credit_release_refused"
    message = "评价结果文件不能导入，请按提示修改后重新导入"


class ReleaseNotReady(Refused):
    code = "credit_release_not_ready"
    message = "这一批评价结果当前不能这样处理，请核对它的状态"


class ImportUnderWay(Refused):
    """Another process reads the same file into the same release."""

    code = "credit_import_under_way"
    message = "这个文件正由另一个任务导入，请等它完成"
