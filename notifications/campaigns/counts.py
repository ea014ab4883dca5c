"""How many recipients of a campaign are in which state, why, and by which channel."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from notifications.campaigns.models import RecipientState
from notifications.models import Channel

Key = tuple[RecipientState, str | None, Channel | None]

# Errors that concern the template or the account's right to use it: they hit everybody who follows.
# The template is gone or blocked, marketing, irregular, capped, under review; no page; no right.
TEMPLATE_REFUSED = frozenset({"40037", "43116", "40249", "40250", "40251", "40252", "41030", "48001"})

# Known before anything was sent: nobody there on this channel, too late, no mass send left this month,
# too few for a call. They say nothing about how the message is received.
_NOT_TRIED = frozenset({"unreachable", "expired", "month_used", "too_few"})

_ANSWERED = (
    RecipientState.SENT,
    RecipientState.DELIVERED,
    RecipientState.FAILED,
    RecipientState.UNKNOWN,
)


@dataclass(frozen=True, slots=True)
class Counts:
    """Recipients by state, reason and channel; none of the numbers is zero."""

    rows: Mapping[Key, int]

    def of(self, *states: RecipientState) -> int:
        """How many are in one of these states."""
        return sum(count for (state, _, _), count in self.rows.items() if state in states)

    @property
    def total(self) -> int:
        return sum(self.rows.values())

    @property
    def pending(self) -> int:
        return self.of(RecipientState.PENDING)

    @property
    def queued(self) -> int:
        return self.of(RecipientState.QUEUED)

    @property
    def failed(self) -> int:
        return self.of(RecipientState.FAILED)

    @property
    def refused(self) -> int:
        """Failures of the message itself, not of the way to its reader."""
        return self._failed(lambda reason: reason not in _NOT_TRIED)

    @property
    def answered(self) -> int:
        """Handed over, or refused for good: what failures are measured by."""
        return self.of(*_ANSWERED) - self._failed(lambda reason: reason in _NOT_TRIED)

    @property
    def done(self) -> int:
        """Everybody with whom nothing is left to do."""
        return self.total - self.pending - self.queued

    @property
    def template_refused(self) -> int:
        """Failures that the template is to blame for."""
        return self._failed(lambda reason: reason in TEMPLATE_REFUSED)

    def by_state(self) -> dict[RecipientState, int]:
        """The counts of all states, zeros included."""
        return {state: self.of(state) for state in RecipientState}

    def failures(self) -> dict[str, int]:
        """Failed recipients by reason, the most frequent first."""
        found: dict[str, int] = {}
        for (state, reason, _), count in self.rows.items():
            if state is RecipientState.FAILED:
                found[reason or "other"] = found.get(reason or "other", 0) + count
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))

    def _failed(self, is_meant: Callable[[str | None], bool]) -> int:
        return sum(
            count
            for (state, reason, _), count in self.rows.items()
            if state is RecipientState.FAILED and is_meant(reason)
        )
