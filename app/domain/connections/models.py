"""Tables of the census of systems, of their connections with their history, and of sharing duties."""

from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Final

from tortoise import fields
from tortoise.fields.db_defaults import Now
from tortoise.models import Model


class Network(StrEnum):
    """Where a system stands (所在网络)."""

    GOVERNMENT = "government"
    INTRANET = "intranet"
    DEDICATED = "dedicated"
    INTERNET = "internet"
    STANDALONE = "standalone"

    @property
    def words(self) -> str:
        """The network as staff write it."""
        return _NETWORKS[self]


_NETWORKS: Final = {
    Network.GOVERNMENT: "政务外网",
    Network.INTRANET: "政务内网",
    Network.DEDICATED: "业务专网",
    Network.INTERNET: "互联网",
    Network.STANDALONE: "单机",
}


class ConnectionCategory(IntEnum):
    """The five classes of systems (对接类别 ①–⑤)."""

    DIRECT = 1
    AGREED = 2
    COST_OPEN = 3
    PROVINCE_FIRST = 4
    DECLINED = 5

    @property
    def words(self) -> str:
        """The class with its sign."""
        return _CATEGORIES[self]


_CATEGORIES: Final = {
    ConnectionCategory.DIRECT: "①立即对接",
    ConnectionCategory.AGREED: "②限时接入",
    ConnectionCategory.COST_OPEN: "③限时落实费用",
    ConnectionCategory.PROVINCE_FIRST: "④省级先行、及时跟进",
    ConnectionCategory.DECLINED: "⑤上报、等待时机",
}


class ConnectionState(StrEnum):
    """States of a connection (SM-CONN)."""

    SURVEYED = "surveyed"
    CLASSIFIED = "classified"
    INTEGRATING = "integrating"
    TESTING = "testing"
    LIVE = "live"
    DEGRADED = "degraded"
    OFFLINE = "offline"
    QUOTED = "quoted"
    FUNDED = "funded"
    FOLLOWING = "following"
    REPORTED = "reported"
    RECHECK = "recheck"

    @property
    def words(self) -> str:
        """The state as staff read it."""
        return _STATES[self]


_STATES: Final = {
    ConnectionState.SURVEYED: "已普查",
    ConnectionState.CLASSIFIED: "已定类",
    ConnectionState.INTEGRATING: "对接中",
    ConnectionState.TESTING: "联调测试",
    ConnectionState.LIVE: "已上线",
    ConnectionState.DEGRADED: "运行异常",
    ConnectionState.OFFLINE: "已下线",
    ConnectionState.QUOTED: "已报价",
    ConnectionState.FUNDED: "费用已落实",
    ConnectionState.FOLLOWING: "跟进中",
    ConnectionState.REPORTED: "已上报",
    ConnectionState.RECHECK: "定期复核",
}


class DutyTerms(StrEnum):
    """On which terms data are shared (共享属性)."""

    UNCONDITIONAL = "unconditional"
    CONDITIONAL = "conditional"

    @property
    def words(self) -> str:
        """The terms as the list of duties writes them."""
        return {DutyTerms.UNCONDITIONAL: "无条件共享", DutyTerms.CONDITIONAL: "有条件共享"}[self]


class DutyState(StrEnum):
    """States of a sharing duty."""

    LISTED = "listed"
    OPENED = "opened"
    SERVING = "serving"
    OVERDUE = "overdue"

    @property
    def words(self) -> str:
        """The state as staff read it."""
        return _DUTY_STATES[self]


_DUTY_STATES: Final = {
    DutyState.LISTED: "已列入清单",
    DutyState.OPENED: "已开通",
    DutyState.SERVING: "共享中",
    DutyState.OVERDUE: "逾期",
}


class CensusSystem(Model):
    """业务系统: one system of a department as the census (普查) found it."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(100)
    department = fields.CharField(80, description="主管部门")
    vendor = fields.CharField(80, null=True, description="承建厂商")
    database = fields.CharField(80, null=True, description="数据库")
    interface = fields.CharField(200, null=True, description="接口: what others may call or read")
    network = fields.CharEnumField(Network, max_length=12, description="所在网络")
    uncoded_items = fields.IntField(default=0, description="how many items it serves beside those with codes")
    surveyed_at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "system_census"
        unique_together = (("department", "name"),)


class CensusItem(Model):
    """受理事项: one item a system serves, by its code."""

    id = fields.BigIntField(primary_key=True)
    system_id = fields.BigIntField()
    item_code = fields.CharField(33)

    class Meta:
        table = "census_item"
        unique_together = (("system_id", "item_code"),)


class Connection(Model):
    """对接: how far a system is connected; a system has one until that is offline."""

    id = fields.BigIntField(primary_key=True)
    system_id: int = fields.BigIntField()
    state = fields.CharEnumField(ConnectionState, max_length=12, default=ConnectionState.SURVEYED)
    category = fields.IntEnumField(ConnectionCategory, null=True, description="对接类别 ①–⑤")
    category_seq = fields.SmallIntField(null=True, description="the event that decided it")
    due_on: date | None = fields.DateField(null=True, description="期限 of ①②: to be live; ③: to be funded")
    next_check_on: date | None = fields.DateField(null=True, description="of ④⑤: when to ask again")
    cost = fields.DecimalField(12, 2, null=True, description="报价 of ③, in yuan")
    quotation = fields.CharField(80, null=True, description="报价文号")
    approval = fields.CharField(80, null=True, description="经费批复文号")
    report = fields.CharField(80, null=True, description="上报文号 of ⑤")
    entry_path = fields.CharField(200, null=True, description="二次录入: how ⑤ works meanwhile")
    has_network = fields.BooleanField(default=False, description="网络通")
    has_data = fields.BooleanField(default=False, description="数据通")
    has_business = fields.BooleanField(default=False, description="业务通")
    overdue_since: date | None = fields.DateField(null=True, description="when it was announced as overdue")
    last_seq = fields.SmallIntField(default=0, description="of its newest event")

    class Meta:
        table = "connection"


class ConnectionEvent(Model):
    """对接流水: one append-only row for each step; a class is decided by a document."""

    id = fields.BigIntField(primary_key=True)
    connection_id = fields.BigIntField()
    seq = fields.SmallIntField()
    kind = fields.CharField(16, description="what was done")
    state = fields.CharEnumField(ConnectionState, max_length=12, description="where it stood then")
    category = fields.IntEnumField(
        ConnectionCategory, null=True, description="the class that was decided, if one was"
    )
    document_number = fields.CharField(80, null=True, description="文号")
    note = fields.CharField(500, null=True)
    actor = fields.CharField(80)
    at = fields.DatetimeField()

    class Meta:
        table = "connection_event"
        unique_together = (("connection_id", "seq"),)


class ShareDuty(Model):
    """共享责任: one line of the list of duties; who supplies what, by when, on which terms."""

    id = fields.BigIntField(primary_key=True)
    supplier = fields.CharField(80, description="数源部门")
    data = fields.CharField(100, description="数据项")
    due_on = fields.DateField(description="开通期限")
    terms = fields.CharEnumField(DutyTerms, max_length=16, description="共享属性")
    condition = fields.CharField(200, null=True, description="共享条件")
    document_number = fields.CharField(80, description="清单文号")
    state = fields.CharEnumField(DutyState, max_length=8, default=DutyState.LISTED)
    opened_at: datetime | None = fields.DatetimeField(null=True)
    serving_at: datetime | None = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "share_duty"
        unique_together = (("supplier", "data"),)


class ShareRefusal(Model):
    """不予共享意见: why a supplier will not share, and what the office it went up to decided."""

    id = fields.BigIntField(primary_key=True)
    duty_id = fields.BigIntField()
    legal_basis = fields.CharField(200, description="法律依据: law and article")
    reason = fields.CharField(500)
    escalated_to = fields.CharField(80, description="协调机关: who decides")
    at = fields.DatetimeField()
    is_upheld = fields.BooleanField(null=True, description="whether the refusal stands")
    document_number = fields.CharField(80, null=True, description="文号 of the decision")
    decided_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "share_refusal"
