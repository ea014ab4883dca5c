"""Every refusal the house can utter: one base, seven kinds, one status each.

A domain error is a subclass with its own ``code`` and a Chinese ``message`` that names the
way out. Faces turn a ``Fault`` into RFC 9457 ``application/problem+json``.
"""

from collections.abc import Mapping, Sequence
from typing import Any


class Fault(Exception):
    """A refusal with a status, a stable code and a sentence for the person who meets it.

    ``named`` is what the sentence names, for the words of other languages: ``fault.<code>.<name>``.
    """

    status = 500
    code = "fault"
    message = "系统出现问题，请稍后重试"

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        named: Mapping[str, str] | None = None,
    ) -> None:
        self.message = message or type(self).message
        self.named = named or {}
        self.code = code or type(self).code
        super().__init__(self.message)


class InvalidInput(Fault):
    """The words of the request cannot be understood; ``fields`` names each one and why.

    ``understood`` is what of them could be read, for a page that shows the rest again.
    """

    status = 422
    code = "invalid_input"
    message = "提交的内容有误，请按提示修改后重试"

    def __init__(
        self,
        message: str | None = None,
        *,
        fields: Mapping[str, Sequence[str]] | None = None,
        understood: Mapping[str, Any] | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message, code=code)
        self.fields = {name: list(reasons) for name, reasons in (fields or {}).items()}
        self.understood = dict(understood or {})


class NotSignedIn(Fault):
    status = 401
    code = "not_signed_in"
    message = "请先登录"


class NotAllowed(Fault):
    status = 403
    code = "not_allowed"
    message = "您没有办理此事的权限"


class NotFound(Fault):
    status = 404
    code = "not_found"
    message = "没有找到您要的内容，请核对后重试"


class Refused(Fault):
    """The request is understood, and a rule forbids it."""

    status = 409
    code = "refused"
    message = "当前不能办理，请稍后再试"


class _Later(Fault):
    """A refusal that passes by itself; ``retry_after`` is in seconds."""

    def __init__(self, message: str | None = None, *, retry_after: int = 1, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after


class TooOften(_Later):
    status = 429
    code = "too_often"
    message = "操作太频繁，请稍后再试"


class UpstreamDown(_Later):
    status = 503
    code = "upstream_down"
    message = "服务暂时不可用，请稍后重试"
