"""What can be asked of guides: search by words, and one guide whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.catalogue import words
from app.domain.catalogue.errors import GuideNotFound
from app.domain.catalogue.models import Audience, Guide
from app.kit import db

# What a word is worth where it stands; its worth in the title or a keyword comes on top of the text's.
_WORTH = {"": 0.3, words.TITLE: 0.7, words.KEYWORD: 0.5}
_ENOUGH = 0.22
"""The part of a question's worth a guide must answer; below it, hits are chance."""
_COMMON = 2000
"""A word in more guides than this tells none from another; it is asked only if all words are such."""

# A rare word weighs more (inverse document frequency); one that no guide has weighs half of the rarest,
# so that a typo or a word too many does not sink the rest, and nonsense does not float on 办理.
_SEARCH = """
WITH whole (guides) AS (SELECT coalesce((SELECT w.guides FROM guide_word w WHERE w.word = $6), 1)),
asked AS (
    SELECT a.*, (SELECT coalesce(sum(w.guides), 0) FROM guide_word w
                 WHERE w.word >= a.first AND w.word < a.after) AS guides
    FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::float8[])
         AS a (ord, query, first, after, worth)
),
weighed AS (
    SELECT ord, CASE WHEN a.guides > 0 THEN ln(1 + whole.guides / a.guides::float8)
                     ELSE ln(1 + whole.guides) / 2 END AS weight
    FROM asked a, whole WHERE worth = $7
),
telling AS (
    SELECT *, min(guides) OVER () AS fewest FROM asked JOIN weighed USING (ord) WHERE guides > 0
),
scored AS (
    SELECT hit.guide_id, sum(t.worth * t.weight) / (SELECT sum(weight) FROM weighed) AS score
    FROM telling t CROSS JOIN LATERAL (
        SELECT i.guide_id FROM guide_index i WHERE i.words @@ t.query::tsquery LIMIT $8
    ) AS hit
    WHERE t.guides <= $8 OR t.guides = t.fewest
    GROUP BY hit.guide_id
),
best AS (
    SELECT * FROM scored WHERE score >= $9 ORDER BY score DESC, guide_id LIMIT $10 + 20
)
SELECT g.id, g.title, g.summary FROM best JOIN guide g ON g.id = best.guide_id
ORDER BY score DESC, length(g.title), g.id LIMIT $10
"""


@dataclass(frozen=True, slots=True)
class GuideHit:
    """A guide as a search lists it."""

    id: int
    title: str
    summary: str


@dataclass(frozen=True, slots=True)
class GuideView:
    """A guide whole; ``sections`` are (heading, text) in reading order, the last says what it rests on."""

    id: int
    title: str
    summary: str
    sections: tuple[tuple[str, str], ...]
    audience: Audience
    topic: str
    updated_on: date


async def search(text: str, *, limit: int = 3) -> Sequence[GuideHit]:
    """The published guides that answer a question best, best first; none if nothing fits.

    A typo or a word too many is forgiven; pinyin and its initials find titles and keywords.
    """
    asked = words.of_question(text)
    if not asked:
        return []
    rows = [
        (ord_, *_range(field + one.word, is_beginning=one.is_beginning), worth)
        for ord_, one in enumerate(asked)
        for field, worth in _WORTH.items()
    ]
    found = await db.fetch(
        _SEARCH,
        *(list(column) for column in zip(*rows, strict=True)),
        words.ANY,
        _WORTH[""],
        _COMMON,
        _ENOUGH,
        limit,
    )
    return [GuideHit(row["id"], row["title"], row["summary"]) for row in found]


async def guide(guide_id: int) -> GuideView:
    """One published guide. Raises :class:`GuideNotFound`, also for one that was withdrawn."""
    is_id = 0 < guide_id < 2**63
    found = await Guide.get_or_none(id=guide_id, withdrawn_at=None) if is_id else None
    if found is None:
        raise GuideNotFound
    sections = [(one["heading"], one["text"]) for one in found.sections]
    if found.basis:
        sections.append(("依据", "\n".join(found.basis)))
    return GuideView(
        id=found.id,
        title=found.title,
        summary=found.summary,
        sections=tuple(sections),
        audience=found.audience,
        topic=found.topic,
        updated_on=found.updated_on,
    )


def _range(word: str, *, is_beginning: bool) -> tuple[str, str, str]:
    """A word as PostgreSQL asks for it, and the range of the word list it covers."""
    if is_beginning:
        return f"'{word}':*", word, word + "\U0010ffff"
    return f"'{word}'", word, word + "\x01"
