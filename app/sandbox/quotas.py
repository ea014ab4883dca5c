"""How often a path may be called: per day until midnight in Shanghai, and per minute."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from app.kit import clock
from app.sandbox.answers import PlatformRefusal

STABLE_TOKEN: Final = "/cgi-bin/stable_token"  # noqa: S105  A path, not a secret.
FORCED_TOKEN: Final = "/cgi-bin/stable_token?force_refresh"  # noqa: S105  The same.
PLAIN_TOKEN: Final = "/cgi-bin/token"  # noqa: S105  The same.
TEMPLATE_SEND: Final = "/cgi-bin/message/template/send"
SUBSCRIBE_SEND: Final = "/cgi-bin/message/subscribe/send"
BIZ_SEND: Final = "/cgi-bin/message/subscribe/bizsend"
CUSTOM_SEND: Final = "/cgi-bin/message/custom/send"
MASS_SEND_ALL: Final = "/cgi-bin/message/mass/sendall"
MASS_SEND: Final = "/cgi-bin/message/mass/send"
MASS_PREVIEW: Final = "/cgi-bin/message/mass/preview"
MASS_DELETE: Final = "/cgi-bin/message/mass/delete"
CLEAR: Final = "/cgi-bin/clear_quota"
LOGIN: Final = "/sns/jscode2session"
UNLIMITED_CODE: Final = "/wxa/getwxacodeunlimit"

_CLEARS_A_MONTH: Final = 10


@dataclass(frozen=True, slots=True)
class Limit:
    """None means without limit; ``over_minute`` is the code of a minute that is used up."""

    per_day: int | None = None
    per_minute: int | None = None
    over_minute: int = 45011


# The platform's published limits.
PUBLISHED: Final[dict[str, Limit]] = {
    STABLE_TOKEN: Limit(per_day=500_000, per_minute=10_000),
    FORCED_TOKEN: Limit(per_day=20),
    PLAIN_TOKEN: Limit(per_day=2_000),
    TEMPLATE_SEND: Limit(per_day=100_000),
    SUBSCRIBE_SEND: Limit(per_day=10_000_000),
    BIZ_SEND: Limit(per_day=10_000_000),
    CUSTOM_SEND: Limit(per_day=500_000),
    MASS_SEND_ALL: Limit(per_day=10, per_minute=60),
    MASS_SEND: Limit(per_day=100, per_minute=60),
    MASS_PREVIEW: Limit(per_day=100),
    MASS_DELETE: Limit(per_day=10),
    "/cgi-bin/menu/create": Limit(per_day=1_000),
    "/cgi-bin/menu/get": Limit(per_day=10_000),
    "/cgi-bin/menu/delete": Limit(per_day=1_000),
    "/cgi-bin/menu/addconditional": Limit(per_day=2_000),
    "/cgi-bin/menu/delconditional": Limit(per_day=2_000),
    "/cgi-bin/menu/trymatch": Limit(per_day=20_000),
    "/cgi-bin/media/upload": Limit(per_day=100_000),
    "/cgi-bin/media/get": Limit(per_day=200_000),
    "/cgi-bin/qrcode/create": Limit(per_day=100_000),
    "/cgi-bin/ticket/getticket": Limit(per_day=1_000_000),
    "/cgi-bin/user/get": Limit(per_day=500),
    "/cgi-bin/user/info": Limit(per_day=5_000_000),
    "/cgi-bin/user/info/batchget": Limit(per_day=5_000_000),
    "/wxa/generate_urllink": Limit(per_day=500_000),
    "/wxa/generatescheme": Limit(per_day=500_000),
    "/wxa/msg_sec_check": Limit(per_day=2_000_000, per_minute=4_000),
    # A login is limited for each person, and a code by the minute with the code of a day.
    LOGIN: Limit(per_minute=100),
    UNLIMITED_CODE: Limit(per_minute=5_000, over_minute=45009),
}
_OTHERS: Final = Limit(per_day=10_000_000)


class Quotas:
    """Counts calls by path and whose they are."""

    def __init__(self) -> None:
        self.limits: dict[str, Limit] = dict(PUBLISHED)
        self._days: Counter[tuple[str, str, str]] = Counter()
        self._minutes: Counter[tuple[str, str, str]] = Counter()
        self._clears: Counter[tuple[str, str]] = Counter()
        self._day = self._minute = ""

    def spend(self, path: str, whose: str) -> None:
        """Count one call. Raises PlatformRefusal 45009 or 45011 and counts nothing if none is left."""
        limit = self.limits.get(path, _OTHERS)
        day, minute = self._today()
        if limit.per_day is not None and self._days[day, path, whose] >= limit.per_day:
            raise PlatformRefusal(45009)
        if limit.per_minute is not None and self._minutes[minute, path, whose] >= limit.per_minute:
            raise PlatformRefusal(limit.over_minute)
        self._days[day, path, whose] += 1
        self._minutes[minute, path, whose] += 1

    def used(self, path: str, whose: str) -> tuple[int, int]:
        """The daily limit of a path, and how much of it is used today."""
        day, _ = self._today()
        limit = self.limits.get(path, _OTHERS).per_day
        return limit if limit is not None else _OTHERS.per_day or 0, self._days[day, path, whose]

    def begin_anew(self, whose: str) -> None:
        """``clear_quota``, ten times a month. Raises PlatformRefusal 48006."""
        month = f"{clock.now():%Y%m}"
        if self._clears[month, whose] >= _CLEARS_A_MONTH:
            raise PlatformRefusal(48006)
        self._clears[month, whose] += 1
        for counted in (self._days, self._minutes):
            for key in [key for key in counted if key[2] == whose]:
                del counted[key]

    def clear(self) -> None:
        """Forget what was used; back to the published limits."""
        self.limits = dict(PUBLISHED)
        self._days.clear()
        self._minutes.clear()
        self._clears.clear()

    def _today(self) -> tuple[str, str]:
        now = clock.now()
        day, minute = f"{now:%Y%m%d}", f"{now:%Y%m%d%H%M}"
        if day != self._day:
            self._days.clear()
        if minute != self._minute:
            self._minutes.clear()
        self._day, self._minute = day, minute
        return day, minute
