"""What can go wrong with WeChat, and what each error code asks us to do."""

from enum import StrEnum

from app.kit.errors import InvalidInput, NotAllowed, TooOften, UpstreamDown


class ErrorClass(StrEnum):
    """What a sender does next."""

    RETRY = "retry"
    """The platform is busy: try again soon."""
    TOKEN = "token"  # noqa: S105  It is the name of a class of errors, not a secret.
    """The access token was refused even after one refresh: try again later."""
    MINUTE = "minute"
    """Too many calls in this minute: back off for a minute."""
    DAY = "day"
    """The daily quota is used up: stop until midnight in Shanghai."""
    RECIPIENT = "recipient"
    """This person cannot be reached this way: use another channel, do not try again."""
    DATA = "data"
    """What we sent is wrong and stays wrong: do not try again."""
    OPERATOR = "operator"
    """Only the operator of the account can mend it: raise an alarm."""


_CLASSES: dict[ErrorClass, frozenset[int]] = {
    ErrorClass.RETRY: frozenset({-1, 9500002}),  # The second: too many mass sends under way at WeChat.
    ErrorClass.TOKEN: frozenset({40001, 40014, 42001}),
    # The last two are of mass sends: too soon after another, the same client_msg_id again too soon.
    ErrorClass.MINUTE: frozenset({45011, 44990, 42010, 45066}),
    ErrorClass.DAY: frozenset({45009}),
    # Not a follower, no consent, wrong openid, window closed, its count used up, refuses us, not active.
    ErrorClass.RECIPIENT: frozenset({43004, 43101, 40003, 45015, 45047, 48002, 61010}),
    ErrorClass.DATA: frozenset(
        {
            *(47001, 47003, 40037, 41030, 45002),  # The body, a field, a template, a page, too long a text.
            *(40165, 40169, 40129, 40097, 85401),  # A path, a scene, a parameter, the life of a link.
            *(40029, 40163, 87014),  # A one-time code, a risky text.
            *(*range(40015, 40029), 40033, 40054, 40055, 46003),  # Menus.
            *(45157, 45158, 45159, 45058, 45059),  # Tags.
            *(40007, 40059, 40130, 45003, 45004, 45067),  # Media and mass sends: ids, lists, lengths.
        }
    ),
}
_BY_CODE = {code: name for name, codes in _CLASSES.items() for code in codes}

TOKEN_REFUSED = _CLASSES[ErrorClass.TOKEN]
SYSTEM_BUSY = -1
OF_THE_MOMENT = frozenset({ErrorClass.RETRY, ErrorClass.TOKEN, ErrorClass.MINUTE, ErrorClass.DAY})
"""Classes of refusals that concern the moment of the call and not what was asked."""


def classify(errcode: int, path: str = "") -> ErrorClass:
    """The class of an error code; an unknown code is one a person has to look at.

    Where a token is asked for, "invalid credential" means a wrong secret, which no retry mends.
    """
    if path.endswith("token") and errcode in TOKEN_REFUSED:
        return ErrorClass.OPERATOR
    return _BY_CODE.get(errcode, ErrorClass.OPERATOR)


class WeChatError(Exception):
    """Every failure of a call to WeChat."""


class WeChatRefused(WeChatError):
    """WeChat answered with an error code; ``rid`` is what its support asks for.

    ``msg_id`` names the mass send that already had the client_msg_id (45065). ``sent_maybe`` is True if an
    earlier try within the same call is in doubt: WeChat may have acted on that one, whatever it says of
    this one.
    """

    def __init__(
        self, errcode: int, errmsg: str, rid: str | None, path: str, *, msg_id: int | None = None
    ) -> None:
        super().__init__(f"{path}: {errcode} {errmsg}")
        self.errcode = errcode
        self.errmsg = errmsg
        self.rid = rid
        self.path = path
        self.msg_id = msg_id
        self.sent_maybe = False

    @property
    def error_class(self) -> ErrorClass:
        return classify(self.errcode, self.path)


class WeChatUnreachable(WeChatError):
    """WeChat gave no usable answer.

    ``sent_maybe`` is False only if the request certainly never left; otherwise WeChat may have
    acted on it, and repeating it may do the same thing twice.
    """

    def __init__(self, path: str, reason: str, *, sent_maybe: bool) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
        self.sent_maybe = sent_maybe


class BadEnvelope(WeChatError):
    """A pushed body that is not a genuine message from WeChat to this account.

    There is one such error for every kind of defect, so that an answer tells a forger nothing.
    ``reason`` is for our own log.
    """

    def __init__(self, reason: str) -> None:
        super().__init__("not a genuine WeChat message")
        self.reason = reason


class NotOffered(WeChatError):
    """A method of wechatpy that cannot work here; the message says what to do instead."""


class CodeInvalid(InvalidInput):
    """The one-time code is wrong, expired or already used (40029, 40163)."""

    code = "wechat_code_invalid"
    message = "微信凭证无效或已使用，请重新操作获取"

    def __init__(self) -> None:
        super().__init__(fields={"code": [type(self).message]})


class PersonBlocked(NotAllowed):
    """WeChat holds this person for high-risk and refuses the login (40226)."""

    code = "wechat_person_blocked"
    message = "微信判定该账号存在风险，暂不能登录，请在微信中完成安全验证后重试"


class AskedTooOften(TooOften):
    """One person may ask WeChat 100 times a minute (45011)."""

    code = "wechat_too_often"
    message = "操作太频繁，请一分钟后再试"

    def __init__(self) -> None:
        super().__init__(retry_after=60)


class WeChatDown(UpstreamDown):
    """WeChat is busy, unreachable, or refuses us for a reason the person cannot mend."""

    code = "wechat_down"
    message = "微信服务暂时不可用，请稍后重试"

    def __init__(self) -> None:
        super().__init__(retry_after=5)
