"""What can go wrong with guides, each with the way out."""

from app.kit.errors import InvalidInput, NotFound


class GuideNotFound(NotFound):
    code = "guide_not_found"
    message = "没有这篇办事指南，可能已经下架，请重新搜索"


class BadGuideFile(InvalidInput):
    code = "bad_guide_file"
    message = "办事指南文件有误，请按提示修改后重新加载"
