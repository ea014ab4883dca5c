"""What the answer and state codes of the national invoice checking platform mean.

Only the code is read, and no text of an answer is ever matched: every result page, whatever the result is,
prints 发票信息不符时不得作为财务报销凭证.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.gateways.exchange.contract import ExchangeDown
from app.gateways.exchange.invoice_contract import InvoiceOutcome, InvoiceState


class ProvinceNotOpen(ExchangeDown):
    """1 该省未开通."""

    code = "invoice_province_not_open"
    message = "开票地的税务机关尚未开通网上查验，请向开票方主管税务机关核实"
    outcome = "not_open"


class PlatformBusy(ExchangeDown):
    """003, 004 and 016: asked too often, by us or by everybody."""

    code = "invoice_platform_busy"
    message = "发票查验平台繁忙，请几分钟后再查"
    outcome = "busy"


class PlatformFault(ExchangeDown):
    """005, 007, 008, 010 and 020: the platform's trouble, or ours with it, and never the person's."""

    code = "invoice_platform_fault"
    message = "发票查验平台暂时不能答复，请稍后再查"
    outcome = "fault"


OUTCOMES: Final[Mapping[str, InvoiceOutcome]] = MappingProxyType(
    {
        "001": InvoiceOutcome.MATCH,  # 一致
        "002": InvoiceOutcome.OVER_LIMIT,  # 超过该张发票当日查验次数
        "006": InvoiceOutcome.MISMATCH,  # 不一致
        "009": InvoiceOutcome.NOT_FOUND,  # 查无此票
        "rqerr": InvoiceOutcome.TOO_NEW,  # 当日开具发票可于次日查验
    }
)

FAILURES: Final[Mapping[str, type[ExchangeDown]]] = MappingProxyType(
    {
        "003": PlatformBusy,  # 请求太频繁
        "004": PlatformBusy,  # 超过服务器最大请求数
        "005": PlatformFault,  # 请求不合法
        "007": PlatformFault,  # 验证码失效
        "008": PlatformFault,  # 验证码错误
        "010": PlatformFault,  # 系统异常
        "010_": PlatformFault,  # 系统异常
        "016": PlatformBusy,  # 服务器接收请求太频繁
        "020": PlatformFault,  # 行为异常
        "1": ProvinceNotOpen,  # 该省未开通
    }
)

STATES: Final[Mapping[str, InvoiceState]] = MappingProxyType(
    {
        "0": InvoiceState.NORMAL,
        "N": InvoiceState.NORMAL,
        "2": InvoiceState.VOID,
        "Y": InvoiceState.VOID,
        "3": InvoiceState.RED,
        "7": InvoiceState.PARTLY_RED,
        "8": InvoiceState.FULLY_RED,
    }
)

_RETRY_S: Final = MappingProxyType({PlatformBusy: 60, PlatformFault: 300, ProvinceNotOpen: 86_400})


def outcome_of(code: str) -> InvoiceOutcome:
    """The meaning of the platform's code, or of our own word for it.

    Raises PlatformBusy, PlatformFault or ProvinceNotOpen, and ValueError for a code nobody knows.
    """
    failure = FAILURES.get(code)
    if failure is not None:
        raise failure(retry_after=_RETRY_S[failure])
    return OUTCOMES.get(code) or InvoiceOutcome(code)


def state_of(code: str) -> InvoiceState:
    """The meaning of a state's code, or of our own word for it. Raises ValueError."""
    return STATES.get(code) or InvoiceState(code)
