"""The columns of an uploaded table: which are expected, and where each of them stands."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from app.domain.audiences.errors import ListRefused
from app.domain.audiences.models import ListIdentity
from app.kit.tables import Cell

IDENTITIES: Mapping[str, ListIdentity] = {
    "统一社会信用代码": ListIdentity.USCC,
    "身份证号": ListIdentity.ID_NUMBER,
    "手机号": ListIdentity.PHONE,
    "openid": ListIdentity.OPENID,
}
"""The titles a table may name people by; one of them."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a table has to look like.

    ``facts`` are the names of the expected facts by their titles, ``readers`` turn what stands there into
    what is kept, or raise ValueError with the reason. Of a form that is not strict a table may leave
    out columns, and rows may leave cells empty.
    """

    facts: Mapping[str, str]
    identities: Mapping[str, ListIdentity] = field(default_factory=lambda: IDENTITIES)
    readers: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    is_strict: bool = True


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns of a table stand: whom a row is about, and the facts it tells."""

    form: Form
    identity: ListIdentity
    identity_at: int
    facts: tuple[tuple[int, str], ...]
    """Place and name of each fact."""
    titles: tuple[str, ...]

    @property
    def identity_title(self) -> str:
        """How the file calls what it names people by."""
        return self.titles[self.identity_at]

    @classmethod
    def read(cls, heading: Sequence[Cell], form: Form) -> Self:
        """The layout a heading gives. A column may be titled by the name of its fact as well.

        Raises ListRefused with what is expected.
        """
        titles = [cell.strip() if isinstance(cell, str) else "" for cell in heading]
        by_title = {**{name: name for name in form.facts.values()}, **form.facts}
        faults = list(_faults(titles, by_title, form))
        if faults:
            expected = "，".join([" / ".join(form.identities), *form.facts])
            raise ListRefused(fields={"列": faults, "应有的列": [expected]})
        found = next(title for title in titles if title in form.identities)
        return cls(
            form=form,
            identity=form.identities[found],
            identity_at=titles.index(found),
            facts=tuple((at, by_title[title]) for at, title in enumerate(titles) if title in by_title),
            titles=tuple(titles),
        )


def _faults(titles: Sequence[str], by_title: Mapping[str, str], form: Form) -> Iterator[str]:
    identities = [title for title in titles if title in form.identities]
    if len(identities) != 1:
        yield f"身份列应恰有一列：{'、'.join(form.identities)}，现有 {len(identities)} 列"
    times = Counter(by_title.get(title, title) for title in titles)
    for title, count in times.items():
        if not title:
            yield f"有 {count} 列没有标题"
        elif count > 1:
            yield f"“{title[:40]}”出现了 {count} 次"
        elif title not in by_title.values() and title not in form.identities:
            yield f"“{title[:40]}”不是需要的列"
    missing = [title for title, name in form.facts.items() if not times[name]]
    if form.is_strict:
        yield from (f"缺少“{title}”" for title in missing)
    elif len(missing) == len(form.facts):
        yield "没有一列是需要的信息"
