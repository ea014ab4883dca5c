"""A release comes in as a stream, is checked as a whole, and takes its place when a second person says so."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest
from openpyxl import Workbook

from app.domain.accounts.models import StaffRole
from app.domain.credit_ratings import keeping, release_files, release_tables, releases
from app.domain.credit_ratings.errors import (
    ImportUnderWay,
    NotYourRelease,
    OwnRelease,
    ReleaseNotReady,
    ReleaseRefused,
)
from app.domain.credit_ratings.models import CreditRelease, ReleaseState
from app.kit import audit, clock, crypto
from app.kit import db as raw
from tests.factories import credit as make
from tests.factories.accounts import id_number, uscc_number
from tests.factories.audiences import at_work
from tests.factories.credit import YEAR, row

pytestmark = pytest.mark.usefixtures("releases_table")


async def kept(year: int = YEAR) -> Sequence[Any]:
    return await raw.fetch("SELECT * FROM credit_rating WHERE year = $1 ORDER BY row_number", year)


async def report_of(release: CreditRelease) -> list[list[str]]:
    return list(csv.reader(io.StringIO((await releases.report(release.id)).removeprefix("\ufeff"))))[1:]


async def test_a_file_becomes_a_checked_release_that_nobody_sees_yet(tmp_path: Path) -> None:
    path = make.release_file(tmp_path, [row(1), row(2, "B", "80"), row(3, "M", ""), row(4, "D", "12")])
    seen: list[int] = []
    release = await releases.import_file(make.importer(), path, YEAR, progress=seen.append)
    assert (release.state, release.levels) == (ReleaseState.CHECKED, {"A": 1, "B": 1, "D": 1, "M": 1})
    assert (release.rows_read, release.broken, release.doubled) == (5, 0, 0)
    assert seen == [5]
    assert await kept() == []


async def test_published_it_is_there_and_only_an_a_in_clear(tmp_path: Path) -> None:
    await make.published(tmp_path, [row(1, name="广州晨光\\公司"), row(2, "B", "80")])
    first, second = await kept()
    assert (first["name"], first["taxpayer_id"], str(first["score"])) == (
        "广州晨光\\公司", uscc_number(1), "95.50",
    )  # fmt: skip
    assert (second["name"], second["taxpayer_id"], second["authority"]) == (None, None, "天河区税务局")
    assert bytes(second["taxpayer_hash"]) == crypto.lookup_hash(uscc_number(2), "uscc")
    with pytest.raises(asyncpg.CheckViolationError):
        await raw.execute("UPDATE credit_rating SET name = '某公司' WHERE level = 'B'")


async def test_a_number_that_holds_an_id_number_is_kept_of_nobody(tmp_path: Path) -> None:
    said = f"{id_number()}01,张三便利店,{YEAR},A,95,100,天河区税务局"
    await make.published(tmp_path, [said])
    (found,) = await kept()
    assert (found["name"], found["taxpayer_id"]) == ("张三便利店", None)


@pytest.mark.parametrize(
    ("said", "title", "why"),
    [
        (row(9).replace(uscc_number(9), "91440101MA5T000010"), "统一社会信用代码", "校验位"),
        (row(9).replace(uscc_number(9), "12345"), "统一社会信用代码", "识别号"),
        (row(9, year=2024), "评价年度", "2025"),
        (row(9, "E"), "级别", "A、B、M、C、D"),
        (row(9, "A", "89.99"), "得分", "不低于 90"),
        (row(9, "C", "70"), "得分", "低于 70"),
        (row(9, "B", ""), "得分", "缺少得分"),
        (row(9, "B", "8o"), "得分", "数字"),
        (row(9, "B", "80.123"), "得分", "两位"),
        (row(9, "B", "8_0"), "得分", "两位"),
        (row(9, "A", "1e2"), "得分", "两位"),
        (row(9, "D", "100.01"), "得分", "0 到 100"),
        (row(9).replace(",100,", ",95,"), "起评分", "规则"),
        (row(9, name=" ") + "", "纳税人名称", "名称"),
        (row(9) + ",多", "", "多于标题"),
        (row(9).replace("天河区税务局", "税" * 81), "主管税务机关", "80"),
    ],
)
async def test_a_row_that_cannot_be_is_left_out_and_told(
    tmp_path: Path, said: str, title: str, why: str
) -> None:
    rows = [row(serial) for serial in range(1, 7)]
    path = make.release_file(tmp_path, [*rows[:3], said, *rows[3:]])
    release = await releases.import_file(make.importer(), path, YEAR)
    assert (release.broken, release.levels) == (1, {"A": 6})
    ((number, column, reason, value),) = await report_of(release)
    assert (number, column) == ("5", title)
    assert why in reason
    assert uscc_number(9) not in value


async def test_signs_no_database_holds_are_told_like_any_other_fault(tmp_path: Path) -> None:
    said = [
        {"taxpayer_id": uscc_number(n), "name": f"甲{sign}", "year": YEAR, "level": "D", "score": 9}
        for n, sign in enumerate(["", "\0", "", "", "", ""])
    ]
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"\n".join(map(orjson.dumps, said)))
    release = await releases.import_file(make.importer(), path, YEAR)
    assert (release.broken, release.levels) == (1, {"D": 5})
    assert [column for _, column, _, _ in await report_of(release)] == ["name"]


async def test_rows_that_repeat_count_once_and_those_that_contradict_not_at_all(tmp_path: Path) -> None:
    rows = [row(1), row(2, "B", "80"), row(1), row(2, "C", "50"), row(3)]
    release = await releases.import_file(make.importer(), make.release_file(tmp_path, rows), YEAR)
    assert (release.doubled, release.levels) == (3, {"A": 2})
    told = {number: reason for number, _, reason, _ in await report_of(release)}
    assert set(told) == {"3", "4", "5"}
    assert "重复" in told["4"]
    assert "不一致" in told["3"]


async def test_a_file_with_too_many_broken_rows_is_refused_whole(tmp_path: Path) -> None:
    path = make.release_file(tmp_path, [row(1), row(2, "E"), row(3)])
    with pytest.raises(ReleaseRefused) as refused:
        await releases.import_file(make.importer(), path, YEAR)
    assert any("第 3 行" in one for one in refused.value.fields["行"])
    release = await CreditRelease.get()
    assert release.state is ReleaseState.DISCARDED
    assert not await raw.fetch_value("SELECT to_regclass($1) IS NOT NULL", release_tables.name_of(release.id))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "空的"),
        (make.HEADING + "\n", "没有数据"),
        ("名称\n甲\n", "缺少"),
        (f"{make.HEADING},级别\n", "多次"),
    ],
)
async def test_what_is_no_release_is_refused(tmp_path: Path, content: str, why: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ReleaseRefused) as refused:
        await releases.import_file(make.importer(), path, YEAR)
    assert why in str(refused.value.fields)


async def test_workbooks_and_json_lines_come_in_as_well(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["taxpayer_id", "name", "year", "level", "score"])  # type: ignore[union-attr]
    book.active.append([uscc_number(1), "广州第1有限公司", 2025, "A", 95.5])  # type: ignore[union-attr]
    book.save(tmp_path / "x.xlsx")
    release = await releases.import_file(make.importer(), tmp_path / "x.xlsx", YEAR)
    assert release.levels == {"A": 1}
    line = f'{{"taxpayer_id": "{uscc_number(2)}", "name": "乙", "year": 2024, "level": "C", "score": 55}}'
    (tmp_path / "x.jsonl").write_text(line, encoding="utf-8")
    other = await releases.import_file(make.importer(), tmp_path / "x.jsonl", 2024)
    assert other.levels == {"C": 1}


async def test_the_same_file_again_is_the_same_release(tmp_path: Path) -> None:
    path = make.release_file(tmp_path, [row(1)])
    first = await releases.import_file(make.importer(), path, YEAR)
    again = await releases.import_file(make.importer(), path, YEAR)
    await releases.publish(make.publisher(), first.id)
    after = await releases.import_file(make.importer(), path, YEAR)
    assert (again.id, after.id, after.state) == (first.id, first.id, ReleaseState.PUBLISHED)
    assert await CreditRelease.all().count() == 1


async def test_an_interrupted_import_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make.release_file(tmp_path, [row(1), row(2, "E"), *(row(n) for n in range(3, 15))])
    monkeypatch.setattr(release_files, "BATCH", 3)
    copy, copied = release_tables.copy, 0

    async def broken_copy(release_id: int, lines: bytes) -> None:
        nonlocal copied
        copied += 1
        if copied == 3:
            raise OSError
        await copy(release_id, lines)

    monkeypatch.setattr(release_tables, "copy", broken_copy)
    with pytest.raises(OSError):
        await releases.import_file(make.importer(), path, YEAR)
    assert (await CreditRelease.get()).rows_read == 7
    seen: list[int] = []
    release = await releases.import_file(make.importer(), path, YEAR, progress=seen.append)
    assert seen == [10, 13, 15]
    assert (release.levels, release.broken) == ({"A": 13}, 1)
    assert [one[0] for one in await report_of(release)] == ["3"]


async def test_what_somebody_began_nobody_else_goes_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make.release_file(tmp_path, [row(1)])
    with monkeypatch.context() as broken:
        broken.setattr(release_tables, "finish", None)
        with pytest.raises(TypeError):
            await releases.import_file(make.importer(), path, YEAR)
    with pytest.raises(ImportUnderWay):
        await releases.import_file(make.publisher(), path, YEAR)
    assert (await releases.import_file(make.importer(), path, YEAR)).levels == {"A": 1}


async def test_two_at_once_do_not_read_the_same_rows_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make.release_file(tmp_path, [row(n) for n in range(1, 9)])
    monkeypatch.setattr(release_files, "BATCH", 3)

    async def overtaken(rows: int) -> None:
        await CreditRelease.all().update(rows_read=rows + 1)

    write = releases._write

    async def write_slowly(release: CreditRelease, batch: release_files.Batch) -> None:
        await write(release, batch)
        await overtaken(release.rows_read)

    monkeypatch.setattr(releases, "_write", write_slowly)
    with pytest.raises(ImportUnderWay):
        await releases.import_file(make.importer(), path, YEAR)


async def test_whoever_imported_it_does_not_publish_it(tmp_path: Path) -> None:
    both = at_work("both", StaffRole.EXCHANGE_OPERATOR, StaffRole.REVIEWER)
    release = await releases.import_file(both, make.release_file(tmp_path, [row(1)]), YEAR)
    with pytest.raises(OwnRelease):
        await releases.publish(both, release.id)
    with pytest.raises(asyncpg.CheckViolationError):
        await raw.execute(
            "UPDATE credit_release SET state = 'published', publisher_id = author_id, published_on = now()"
        )


async def test_only_those_with_the_post_import_and_publish(tmp_path: Path) -> None:
    path = make.release_file(tmp_path, [row(1)])
    with pytest.raises(NotYourRelease):
        await releases.import_file(at_work("clerk", StaffRole.CLERK), path, YEAR)
    release = await releases.import_file(make.importer(), path, YEAR)
    for deed in (releases.publish, releases.discard):
        with pytest.raises(NotYourRelease):
            await deed(at_work("clerk", StaffRole.CLERK), release.id)


async def test_a_year_not_yet_over_has_no_release(tmp_path: Path) -> None:
    path = make.release_file(tmp_path, [row(1)])
    with (
        clock.frozen(datetime(2026, 3, 31, 12, tzinfo=clock.SHANGHAI)),
        pytest.raises(ReleaseRefused) as refused,
    ):
        await releases.import_file(make.importer(), path, YEAR)
    assert "2026 年 4 月" in refused.value.fields["年度"][0]


async def test_a_new_release_takes_the_place_of_the_old_at_one_stroke(tmp_path: Path) -> None:
    first = await make.published(tmp_path, [row(1), row(2)])
    await make.published(tmp_path, [row(7, "C", "50", year=2024)], year=2024)
    second = await make.published(tmp_path, [row(2, "B", "80"), row(3)])
    assert [(one["row_number"], one["level"]) for one in await kept()] == [(2, "B"), (3, "A")]
    assert (await CreditRelease.get(id=first.id)).state is ReleaseState.REPLACED
    assert (await CreditRelease.get(id=second.id)).state is ReleaseState.PUBLISHED
    assert len(await kept(2024)) == 1, "other years are not touched"


async def test_what_a_review_changed_outlives_a_new_release(tmp_path: Path) -> None:
    await make.published(tmp_path, [row(1, "B", "80"), row(2, "B", "80")])
    await raw.execute(
        "UPDATE credit_rating SET score = 85, adjusted_on = '2026-06-01' WHERE taxpayer_hash = $1",
        crypto.lookup_hash(uscc_number(1), "uscc"),
    )
    await make.published(tmp_path, [row(1, "B", "80"), row(2, "B", "75")])
    assert [str(one["score"]) for one in await kept()] == ["85.00", "75.00"]


async def test_only_a_checked_release_is_published_and_only_an_unpublished_one_discarded(
    tmp_path: Path,
) -> None:
    release = await make.published(tmp_path, [row(1)])
    with pytest.raises(ReleaseNotReady):
        await releases.publish(make.publisher(), release.id)
    with pytest.raises(ReleaseNotReady):
        await releases.discard(make.publisher(), release.id)
    other = await releases.import_file(make.importer(), make.release_file(tmp_path, [row(2)]), YEAR)
    await releases.discard(make.publisher(), other.id)
    assert not await raw.fetch_value("SELECT to_regclass($1) IS NOT NULL", release_tables.name_of(other.id))
    assert len(await kept()) == 1


async def test_every_deed_is_in_the_audit_log(tmp_path: Path) -> None:
    await make.published(tmp_path, [row(1)])
    rows = await raw.fetch("SELECT action FROM audit_entry ORDER BY id")
    assert [one["action"] for one in rows] == [
        "credit_release.begun", "credit_release.checked", "credit_release.published",
    ]  # fmt: skip
    assert await audit.verify() == 3


async def test_twenty_thousand_rows_come_in_without_being_held(tmp_path: Path) -> None:
    rows = (row(n, "B", f"{70 + n % 20}") for n in range(20_000))
    release = await releases.import_file(make.importer(), make.release_file(tmp_path, rows), YEAR)
    assert release.levels == {"B": 20_000}


async def test_what_was_left_out_is_named_for_half_a_year_and_counted_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "_BATCH", 2)
    path = make.release_file(
        tmp_path, [*(row(n) for n in range(1, 13)), *(row(n, "E") for n in range(13, 16))]
    )
    release = await releases.import_file(make.importer(), path, YEAR)
    begun = release.created_at
    with clock.frozen(begun + keeping.KEPT):
        assert await keeping.forget_faults() == 0
    with clock.frozen(begun + keeping.KEPT + timedelta(seconds=1)):
        assert await keeping.forget_faults() == 3
        assert [why for *_, why, _ in await report_of(release)] == ["另有 3 行有问题，未逐行列出"]
