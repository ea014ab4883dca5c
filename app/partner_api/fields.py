"""Fields of what partners push: numbers in their tidy form, and time limits of an amount and a unit."""

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import ValidationError, validate

from app.domain.cases import numbers
from app.domain.certificates import identifiers
from app.kit import clock, identity_numbers
from app.kit.web import fields
from app.kit.web.fields import Matching

UNITS = ["working_day", "natural_day", "month", "year", "hour"]
_MOST = {"working_day": 3660, "natural_day": 3660, "month": 118, "year": 10, "hour": 3660}


class CaseNumber(fields.Text):
    """办件编号, tidied: 8 to 64 capitals and digits."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        number = numbers.sought(super()._deserialize(value, attr, data, **kwargs))
        if not number:
            raise ValidationError("应为 8 到 64 位数字或大写字母")
        return number


class AcceptanceNumber(fields.Text):
    """受理编号, as it stands on the notice; it has to be one that can be looked up."""

    def __init__(self, **kwargs: Any) -> None:
        what = {"description": "受理编号（受理回执号），在受理通知书上，同一实施主体内不重复"}
        super().__init__(min=4, max=64, metadata=what, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        number: str = super()._deserialize(value, attr, data, **kwargs)
        if not numbers.acceptance(number):
            raise ValidationError("应为 4 到 64 个字")
        return number


class QueryCode(fields.Text):
    """查询密码: six to eight letters and digits."""

    def __init__(self, **kwargs: Any) -> None:
        rule = Matching(r"^[0-9A-Za-z]{6,8}$", error="应为 6 到 8 位字母或数字")
        super().__init__(validate=rule, metadata={"description": "查询密码，6 到 8 位"}, **kwargs)


def authority() -> fields.Text:
    """实施主体: the USCC of the office that decides, with which an official case number begins."""
    rule = Matching(r"^[0-9A-HJ-NPQRTUWXY]{18}$", error="应为 18 位统一社会信用代码")
    return fields.Text(required=True, validate=rule, metadata={"description": "实施主体统一社会信用代码"})


def region() -> fields.Text:
    """行政区划代码."""
    rule = Matching(r"^[0-9]{6,12}$", error="应为 6 到 12 位数字")
    return fields.Text(required=True, validate=rule, metadata={"description": "行政区划代码"})


def words(what: str, *, most: int = 500, required: bool = False) -> fields.Text:
    """A text; a required one is not empty."""
    return fields.Text(min=int(required), max=most, required=required, metadata={"description": what})


def yuan(what: str) -> fields.Text:
    """An amount of money as it is written: never rounded, and not beyond what a column holds."""
    rule = Matching(r"^[0-9]{1,12}(\.[0-9]{1,2})?$", error="应为不超过万亿元、最多两位小数的金额")
    return fields.Text(validate=rule, metadata={"description": f"{what}，元", "example": "120.00"})


def choice(choices: list[str], what: str, **kwargs: Any) -> fields.Choice:
    """One of a few words, described."""
    return fields.Choice(choices, metadata={"description": what, "enum": choices}, **kwargs)


def limit(what: str, *, required: bool = False) -> tuple[fields.Whole, fields.Choice]:
    """The two fields of a time limit: amount and unit."""
    amount = fields.whole(0, 3660, required=required, metadata={"description": f"{what}：数"})
    return amount, choice(UNITS, f"{what}：单位", required=required)


def check_limits(facts: Mapping[str, Any], *names: str) -> None:
    """Raise ValidationError unless each time limit is whole and within ten years."""
    for name in names:
        amount, unit = facts.get(f"{name}_amount"), facts.get(f"{name}_unit")
        if (amount is None) != (unit is None):
            raise ValidationError({f"{name}_amount": ["数和单位须同时填写"]})
        if amount is not None and amount > _MOST[str(unit)]:
            raise ValidationError({f"{name}_amount": ["时限过长，最多十年"]})


def tidied(check: Callable[[str], str], number: str, name: str) -> str:
    """A number in its checked form. Raises ValidationError with the reason, never with the number."""
    try:
        return check(number)
    except identity_numbers.BadNumber as wrong:
        raise ValidationError({name: [str(wrong)]}) from None


def id_number(text: str) -> str:
    """An ID number that can exist today."""
    return identity_numbers.id_number(text, clock.today())


def certificate_identifier(text: str) -> str:
    """A 证照标识 that is whole."""
    return identifiers.read(text).text


def length(most: int) -> validate.Length:
    """At most so many items."""
    return validate.Length(max=most, error=f"最多 {most} 项")
