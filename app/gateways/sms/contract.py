"""What we ask of an operator of text messages, whoever it is.

Every connector passes the same tests (``tests/gateways/sms/test_contract.py``). A new one is a file
beside ``demo.py`` and ``http.py`` and a line in ``choice.py``; it maps the operator's codes to ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, Protocol

from app.gateways.wechat.errors import ErrorClass

PATH: Final = "sms"
"""What a failure names instead of an address."""


class Refusal(IntEnum):
    """Why a text message is not taken, whatever the operator's own codes are."""

    EMPTY_NUMBER = 1001  # 空号
    BLACKLISTED = 1002  # 黑名单、退订
    TOO_MANY_TO_ONE = 1003  # 同一号码超过运营商限额
    NO_PHONE = 1004  # 没有可用的号码，未向运营商提交
    TEMPLATE = 2001  # 模板不存在或未审核
    SIGNATURE = 2002  # 签名未审核
    CONTENT = 2003  # 参数不符或含违禁词
    DAY_USED_UP = 3001  # 当日总量用完
    TOO_FAST = 3002  # 流控
    BALANCE = 4001  # 欠费
    ACCOUNT = 4002  # 账号停用、密钥或白名单有误
    BUSY = 5001  # 系统忙


OF_THE_ACCOUNT: Final = frozenset({int(Refusal.BALANCE), int(Refusal.ACCOUNT)})
"""Refusals that have nothing to do with the message: it waits until the operator's customer mended them."""

LASTING: Final = frozenset({Refusal.EMPTY_NUMBER, Refusal.BLACKLISTED})
"""Refusals of the phone itself: asking again is useless, and of who wants no messages forbidden."""

_CLASSES: Final = {
    Refusal.EMPTY_NUMBER: ErrorClass.RECIPIENT,
    Refusal.BLACKLISTED: ErrorClass.RECIPIENT,
    Refusal.TOO_MANY_TO_ONE: ErrorClass.RECIPIENT,
    Refusal.NO_PHONE: ErrorClass.RECIPIENT,
    Refusal.TEMPLATE: ErrorClass.DATA,
    Refusal.SIGNATURE: ErrorClass.DATA,
    Refusal.CONTENT: ErrorClass.DATA,
    Refusal.DAY_USED_UP: ErrorClass.DAY,
    Refusal.TOO_FAST: ErrorClass.MINUTE,
    Refusal.BALANCE: ErrorClass.OPERATOR,
    Refusal.ACCOUNT: ErrorClass.OPERATOR,
    Refusal.BUSY: ErrorClass.RETRY,
}


class SmsRefused(Exception):
    """The operator answered that it does not take the message; it certainly did not send.

    ``errcode`` is one of ``Refusal``, or the operator's own where we know no better.
    """

    path: str = PATH
    sent_maybe: bool = False

    def __init__(self, errcode: int, text: str = "") -> None:
        super().__init__(f"{PATH}: {errcode} {text}".rstrip())
        self.errcode = int(errcode)
        self.text = text

    @property
    def error_class(self) -> ErrorClass:
        try:
            return _CLASSES[Refusal(self.errcode)]
        except ValueError:
            return ErrorClass.OPERATOR


class SmsUnreachable(Exception):
    """The operator gave no usable answer; ``sent_maybe`` is False only if it certainly does not send."""

    path: str = PATH

    def __init__(self, reason: str, *, sent_maybe: bool) -> None:
        super().__init__(f"{PATH}: {reason}")
        self.reason = reason
        self.sent_maybe = sent_maybe


@dataclass(frozen=True, slots=True)
class TextMessage:
    """One text message to one phone.

    ``code`` names the template the operator approved, ``params`` what fills it, in order; ``text`` is the
    same in full, for operators that take no templates. ``out_id`` is ours, at most 32 characters; the
    receipt brings it back.
    """

    phone: str = field(repr=False)
    code: str
    params: Mapping[str, str] = field(repr=False)
    text: str = field(repr=False)
    out_id: str


@dataclass(frozen=True, slots=True)
class SmsReceipt:
    """状态报告: what became of a message.

    ``reason`` is the operator's word for a failure (UNDELIV …); where it means a ``LASTING`` refusal, the
    connector gives that one's name.
    """

    serial: str
    out_id: str
    is_delivered: bool
    reason: str = ""


class SmsConnector(Protocol):
    """An operator of text messages, with our signature 短信签名."""

    async def send(self, message: TextMessage) -> str:
        """Hand a message over; answers the operator's serial, at most 64 characters.

        Raises SmsRefused or SmsUnreachable.
        """
        ...

    async def receipts(self) -> Sequence[SmsReceipt]:
        """The oldest receipts not acknowledged yet; the same again until they are. Raises as ``send``."""
        ...

    async def acknowledge(self, receipts: Sequence[SmsReceipt]) -> None:
        """These are kept safe here and need not come again. Raises as ``send``."""
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...
