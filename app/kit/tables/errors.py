"""Why a table file is not read."""

from app.kit.errors import InvalidInput


class TableRefused(InvalidInput):
    """A file that is no table, or one not to be trusted; ``fields`` say where and why."""

    code = "table_refused"
    message = "文件读不了，请按提示修改后重新上传"
