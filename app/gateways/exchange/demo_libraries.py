"""Pretend base libraries: what a number itself tells, and a few made-up facts; never in production."""

import random
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Final

from app.gateways.exchange.contract import ExchangeDown
from app.gateways.exchange.demo_enterprises import name_of
from app.gateways.exchange.http_libraries import records_of
from app.gateways.exchange.library_contract import Library, LibraryRecord

SUBJECT_DOWN: Final = "91440101MA5DEMQ50P"
"""Asking about this subject meets libraries that are down."""
SUBJECT_UNKNOWN: Final = "91440101MA5DEMQ078"
"""A subject in no library."""

_FAMILY_NAMES: Final = "陈李黄张梁林刘吴罗杨"
_GIVEN_NAMES: Final = ("志强", "秀英", "伟", "静", "嘉欣", "俊杰", "美玲", "文")
_ID_LENGTH: Final = 18


class DemoLibraries:
    """See ``LibraryConnector``."""

    async def look_up(
        self,
        library: Library,
        subject: str,
        fields: Collection[str],
        *,
        purpose: str,  # noqa: ARG002  The contract's shape.
    ) -> Sequence[LibraryRecord]:
        if subject == SUBJECT_DOWN:
            raise ExchangeDown
        if subject == SUBJECT_UNKNOWN:
            return []
        return records_of(_RECORDS[library](subject), fields)

    async def close(self) -> None:
        """There is nothing to close."""


def _person(id_number: str) -> list[dict[str, str]]:
    if len(id_number) != _ID_LENGTH or not id_number[:17].isdigit():
        return []
    draw = _draw(id_number)
    born = id_number[6:14]
    return [
        {
            "name": draw.choice(_FAMILY_NAMES) + draw.choice(_GIVEN_NAMES),
            "sex": "男" if int(id_number[16]) % 2 else "女",
            "birth_date": f"{born[:4]}-{born[4:6]}-{born[6:]}",
            "residence": f"广东省广州市天河区演示街{draw.randrange(1, 200)}号",
            "status": "正常",
        }
    ]


def _legal_person(code: str) -> list[dict[str, str]]:
    if not code.startswith("9"):
        return []
    draw = _draw(code)
    return [
        {
            "name": name_of(code),
            "legal_representative": draw.choice(_FAMILY_NAMES) + draw.choice(_GIVEN_NAMES),
            "registered_address": f"广东省广州市天河区演示大道{draw.randrange(1, 900)}号",
            "registered_on": str(date(2010, 1, 4) + timedelta(days=draw.randrange(5000))),
            "status": "在营",
        }
    ]


def _credit(subject: str) -> list[dict[str, str]]:
    draw = _draw(f"credit {subject}")
    if draw.random() < 0.8:
        return []
    return [
        {"kind": "失信惩戒", "authority": "演示市人民法院", "listed_on": "2025-06-18", "status": "已公布"},
        {
            "kind": "守信激励",
            "authority": "国家税务总局广州市税务局",
            "listed_on": "2023-04-20",
            "status": "有效",
        },
    ][: draw.randrange(1, 3)]


def _certificates(subject: str) -> list[dict[str, str]]:
    draw = _draw(f"certificates {subject}")
    kind = "营业执照" if subject.startswith("9") else "居民身份证"
    return [
        {
            "kind": kind,
            "number": subject,
            "name": name_of(subject) if subject.startswith("9") else "",
            "authority": "演示市场监督管理局" if subject.startswith("9") else "演示市公安局",
            "valid_until": f"20{draw.randrange(28, 45)}-12-31",
            "status": "有效",
        }
    ]


def _draw(seed: str) -> random.Random:
    return random.Random(seed)  # noqa: S311  The same data each time is the point.


_RECORDS: Final = {
    Library.POPULATION: _person,
    Library.LEGAL_PERSONS: _legal_person,
    Library.CREDIT: _credit,
    Library.CERTIFICATES: _certificates,
}
