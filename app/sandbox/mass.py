"""Mass sends under way and done: drafts, jobs, and how many messages each follower had this month.

Source: the platform's guide to mass sends: four messages for each follower and calendar month, the
same ``clientmsgid`` once within 24 hours and not again within a minute.
"""

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from app.kit import clock
from app.sandbox.answers import PlatformRefusal

MONTHLY: Final = 4
_KNOWN_S: Final = 86400
_TOO_FAST_S: Final = 60
_KEPT: Final = 500

Status = Literal["SENDING", "SEND_SUCCESS", "SEND_FAIL", "DELETE"]


@dataclass(slots=True)
class MassJob:
    """One mass send; ``articles`` is empty for a text."""

    msg_id: int
    appid: str
    client_msg_id: str
    at: float
    articles: list[dict[str, str]] = field(default_factory=list)
    status: Status = "SENDING"


class MassSends:
    """In memory, as quotas are: after a restart a month begins anew."""

    def __init__(self) -> None:
        self._jobs: dict[int, MassJob] = {}
        self._drafts: dict[str, tuple[str, list[dict[str, str]]]] = {}
        self._months: Counter[tuple[str, str]] = Counter()
        self._to_all: Counter[str] = Counter()
        self._month = ""

    # Drafts ---------------------------------------------------------------------------------

    def add_draft(self, appid: str, articles: list[dict[str, str]]) -> str:
        media_id = secrets.token_urlsafe(48)
        self._drafts[media_id] = appid, articles
        if len(self._drafts) > _KEPT:
            del self._drafts[next(iter(self._drafts))]
        return media_id

    def draft(self, appid: str, media_id: object) -> list[dict[str, str]]:
        """Raises PlatformRefusal 40007 for what is not, or no more, a draft of this account."""
        whose, articles = self._drafts.get(str(media_id), ("", []))
        if whose != appid:
            raise PlatformRefusal(40007)
        return articles

    def drop_draft(self, media_id: object) -> None:
        """What was sent leaves the draft box."""
        self._drafts.pop(str(media_id), None)

    # Jobs -----------------------------------------------------------------------------------

    def begin(self, job: MassJob) -> None:
        self._jobs[job.msg_id] = job
        if len(self._jobs) > _KEPT:
            del self._jobs[next(iter(self._jobs))]

    def known(self, appid: str, client_msg_id: str) -> MassJob | None:
        """The job of this id within the last day. Raises PlatformRefusal 45066 within a minute."""
        now = clock.seconds()
        for job in self._jobs.values():
            if (job.appid, job.client_msg_id) == (appid, client_msg_id) and now - job.at < _KNOWN_S:
                if now - job.at < _TOO_FAST_S:
                    raise PlatformRefusal(45066)
                return job
        return None

    def find(self, appid: str, msg_id: object) -> MassJob:
        """Raises PlatformRefusal 40059."""
        job = self._jobs.get(int(str(msg_id))) if str(msg_id).isdecimal() else None
        if job is None or job.appid != appid:
            raise PlatformRefusal(40059)
        return job

    def article(self, msg_id: int) -> Mapping[str, Any] | None:
        """The first article of a mass send that was not deleted, as its page shows it."""
        job = self._jobs.get(msg_id)
        return job.articles[0] if job and job.articles and job.status != "DELETE" else None

    # Months ---------------------------------------------------------------------------------

    def spend_to_all(self, appid: str) -> None:
        """One more to everybody. Raises PlatformRefusal 45028 after four in a month."""
        self._turn_month()
        if self._to_all[appid] >= MONTHLY:
            raise PlatformRefusal(45028)
        self._to_all[appid] += 1

    def spend(self, appid: str, openid: str) -> bool:
        """One more for this follower; False if they had four this month."""
        self._turn_month()
        if self._months[appid, openid] >= MONTHLY:
            return False
        self._months[appid, openid] += 1
        return True

    def clear(self) -> None:
        for part in (self._jobs, self._drafts, self._months, self._to_all):
            part.clear()

    def _turn_month(self) -> None:
        month = f"{clock.now():%Y%m}"
        if month != self._month:
            self._months.clear()
            self._to_all.clear()
        self._month = month
