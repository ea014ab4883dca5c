"""A case as the bytes that are sent, written down once for as long as it is the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from app.domain.cases.progress import CaseProgress
from app.domain.cases.reading import LONGEST_KEPT, MOST_KEPT
from app.kit.keeping import Kept
from app.kit.web.etag import tag_of


@dataclass(frozen=True, slots=True)
class Page:
    """A body ready to send, its ETag, and the case it shows."""

    case: CaseProgress
    body: bytes
    tag: str


class Pages:
    """One view of cases. Who may see it has been asked by whoever has the case."""

    def __init__(self, view: Callable[[CaseProgress], Mapping[str, Any]]) -> None:
        self._view = view
        self._written: Kept[str, Page] = Kept(MOST_KEPT)

    def of(self, case: CaseProgress) -> Page:
        """The page of this very case: one that reads the same is known by being the same object."""
        page = self._written.get(case.number)
        if page is None or page.case is not case:
            # A copy: what orjson hands out keeps the room it was written in, several times its length.
            body = bytes(memoryview(orjson.dumps(self._view(case))))
            page = Page(case, body, tag_of(body))
            if len(case.steps) <= LONGEST_KEPT:
                self._written.put(case.number, page)
        return page
