"""A province's ratings come in as a stream and in a minute, and the A list stays quick to ask."""

import resource
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from stdnum.cn import uscc

from app.domain.credit_ratings import a_list, releases
from app.kit import db as raw
from tests.factories import credit as make

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(900),
    pytest.mark.usefixtures("releases_table", "authority"),
]

ROWS = 3_000_000
LEAST_ROWS_A_SECOND = 50_000


def rows() -> Iterator[str]:
    """So many enterprises, a tenth of them rated A, with names as they are."""
    trades = ("贸易", "科技", "建筑工程", "餐饮管理", "物流", "食品", "电子", "信息技术")
    cities = ("广州", "深圳", "佛山", "东莞", "珠海", "惠州", "中山", "汕头", "湛江", "江门")
    for n in range(ROWS):
        body = f"9144{n % 21 + 1:02d}00MA5{n:06X}"[:17]
        level, score = ("A", "95.5") if n % 10 == 0 else ("B", "82") if n % 3 else ("C", "61.25")
        city, code = cities[n % 10], body + uscc.calc_check_digit(body)
        name = f"{city}市{chr(0x4E00 + n % 997)}{chr(0x4E00 + n % 1009)}{trades[n % 8]}有限公司"
        yield f"{code},{name},2025,{level},{score},100,国家税务总局{city}市税务局"


async def test_three_million_ratings_come_in_at_fifty_thousand_a_second(tmp_path: Path) -> None:
    path = make.release_file(tmp_path, rows())
    before, began, worked = peak_mb(), time.monotonic(), time.process_time()
    release = await releases.import_file(make.importer(), path, 2025)
    imported_s, worked_s = time.monotonic() - began, time.process_time() - worked
    began = time.monotonic()
    await releases.publish(make.publisher(), release.id)
    published_s = time.monotonic() - began
    pages = [await _timed(q) for q in ("", "广州市", "广州市一", "914401", "没有这样的名字")]
    print(  # noqa: T201  The numbers are what the test is for.
        f"{ROWS / imported_s:,.0f} rows/s, {ROWS / worked_s:,.0f} a second of our processor,"
        f" published in {published_s:.2f} s, pages in"
        f" {', '.join(f'{one * 1000:.1f}' for one in pages)} ms, {peak_mb() - before:.0f} MB more"
    )
    assert (release.broken, release.doubled) == (0, 0)
    assert sum((release.levels or {}).values()) == ROWS
    assert ROWS / imported_s >= LEAST_ROWS_A_SECOND
    assert published_s < 2
    assert max(pages) < 0.05
    assert peak_mb() - before < 200


async def _timed(q: str) -> float:
    began = time.monotonic()
    await a_list.page(2025, q)
    return time.monotonic() - began


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def test_the_list_is_asked_through_its_index(tmp_path: Path) -> None:
    await make.published(tmp_path, [make.row(n, name=f"公司{n:05d}") for n in range(1, 3000)])
    plan = await raw.fetch(f"EXPLAIN {a_list._BY_NAME}", 2025, "公司02", b"", "公司02\U0010ffff", 21)
    assert "credit_rating_release_1_a_name" in "\n".join(row[0] for row in plan)
