"""Search over as many guides as a city publishes: by index, in one statement, in a few milliseconds."""

import statistics
import time
from typing import Any

import pytest

from app.domain.catalogue import publishing, queries
from app.kit import db as raw
from tests.factories.guides import guide_text

GUIDES = 54_440

# Each has some common words, some of its own, and its number in the order of writing.
_FILL = """
WITH written AS (
    INSERT INTO guide (code, title, summary, sections, keywords, basis, audience, topic, version,
                       published_at, updated_on)
    SELECT 'g' || n, '事项' || n, '', '[]', '[]', '[]', 'anyone', '测试', 1, now(), '2026-11-01'
    FROM generate_series(1, $1::int) AS n RETURNING id
), indexed AS (
    INSERT INTO guide_index (guide_id, words)
    SELECT id, array_to_tsvector(array['*', '办理', '申请', 'T办理',
        chr(20000 + (id % 500)::int) || '许', 'T' || chr(20000 + (id % 5000)::int) || '证',
        chr(20000 + (id * 7 % 3000)::int) || chr(20000 + (id * 13 % 2000)::int)])
    FROM written RETURNING words
)
INSERT INTO guide_word SELECT word, count(*) FROM indexed, unnest(tsvector_to_array(words)) AS word
GROUP BY word
"""

QUESTIONS = (
    "居住证办理",
    "办理",
    "申请办理",
    "乐许可证办理",
    "juzhuzheng",
    "居",
    "怎么申请办理居住证需要什么材料",
)


@pytest.fixture
async def city(db: None) -> None:
    await raw.execute(_FILL, GUIDES)
    await publishing.publish([guide_text("wanted", "居住证办理", keywords=["居住登记"])])
    await raw.execute("ANALYZE guide_index")
    await raw.execute("ANALYZE guide_word")


@pytest.mark.usefixtures("city")
async def test_one_among_fifty_thousand_is_found_by_index_in_milliseconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, tuple[Any, ...]]] = []
    fetch = raw.fetch

    async def heard(sql: str, *values: Any) -> Any:
        asked.append((sql, values))
        return await fetch(sql, *values)

    monkeypatch.setattr(raw, "fetch", heard)
    assert (await queries.search("居住证办理"))[0].title == "居住证办理"
    assert len(asked) == 1
    sql, values = asked[0]
    plan = "\n".join(row[0] for row in await fetch(f"EXPLAIN {sql}", *values))
    assert "Bitmap Index Scan on guide_index_words" in plan
    assert "Seq Scan" not in plan

    spent = []
    for question in QUESTIONS * 3:
        begun = time.perf_counter()
        await queries.search(question)
        spent.append(time.perf_counter() - begun)
    assert statistics.median(spent) < 0.025


@pytest.mark.usefixtures("city")
async def test_a_question_of_common_words_alone_finds_something() -> None:
    assert len(await queries.search("办理")) == 3
