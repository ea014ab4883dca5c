"""What an answer of WeChat, or none, means for the message, its consent, its reader and the account."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from app.gateways import sms
from app.gateways.wechat import ErrorClass
from app.kit import clock
from notifications.models import Channel, NotificationStatus
from notifications.queue import MAX_ATTEMPTS, Claimed, Move
from notifications.quota import rules

NOT_FOLLOWING: Final = 43004
NO_CONSENT: Final = 43101

_FIRST_PAUSE_S: Final = 10
_LONGEST_PAUSE_S: Final = 3600
# These are wrong with the account, not with a message: secret, address list, rights, approval.
_OF_THE_ACCOUNT: Final = sms.OF_THE_ACCOUNT | {40013, 40125, 40164, 48001, 50002, 89503, 89506, 89507}


class Refusal(Protocol):
    """An error code that WeChat, or the SMS operator, answered."""

    errcode: int
    path: str
    sent_maybe: bool

    @property
    def error_class(self) -> ErrorClass: ...


class Unreachable(Protocol):
    """No usable answer; ``sent_maybe`` is False only if the request certainly never left."""

    path: str
    sent_maybe: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from one try.

    ``falls_back`` tries the next channel of the route; ``gives_back_consent`` refunds it; ``has_left``
    marks the reader as no follower; ``is_refused`` voids the person's other consents for the template;
    ``stops_until`` stops the channel for everybody; ``alarm`` is for the operator.
    """

    move: Move
    falls_back: bool = False
    gives_back_consent: bool = False
    has_left: bool = False
    is_refused: bool = False
    stops_until: datetime | None = None
    alarm: str | None = None


def accepted(message: Claimed, msgid: str | None) -> Outcome:
    """WeChat, or the SMS operator, took the message."""
    return Outcome(Move(message.key, NotificationStatus.SENT, msgid=msgid))


def unreachable(message: Claimed, failure: Unreachable) -> Outcome:
    """No usable answer. Certainly not sent: waits and costs no attempt. Maybe sent: in doubt."""
    # A token that could not be fetched kept the message itself at home.
    if not failure.sent_maybe or failure.path.endswith("token"):
        return _later(message, str(failure), soon=True, is_counted=False)
    again = clock.now() + pause(message.attempt)
    return Outcome(Move(message.key, NotificationStatus.SENDING, error_text=str(failure), run_at=again))


def refused(message: Claimed, refusal: Refusal) -> Outcome:
    """WeChat, or the SMS operator, answered with an error code: it did not send on this try."""
    if refusal.error_class is ErrorClass.RECIPIENT:
        outcome = _not_to_this_person(message, refusal)
    elif refusal.error_class is ErrorClass.DATA:
        move = _move(message, NotificationStatus.FAILED, refusal)
        alarm = f"WeChat takes no {message.message}: {refusal}"
        outcome = Outcome(move, gives_back_consent=True, alarm=alarm)
    elif refusal.error_class is ErrorClass.OPERATOR and not _is_of_the_account(refusal):
        move = _move(message, NotificationStatus.DEAD, refusal)
        outcome = Outcome(move, gives_back_consent=True, alarm=f"WeChat refuses {message.message}: {refusal}")
    else:
        outcome = _not_now(message, refusal)
    return _unless_in_doubt(message, outcome, maybe_sent=refusal.sent_maybe)


def impossible(message: Claimed, reason: str, *, falls_back: bool = True) -> Outcome:
    """Not tried at all: nobody there on this channel, or too late."""
    move = Move(message.key, NotificationStatus.FAILED, error_text=reason)
    return _unless_in_doubt(message, Outcome(move, falls_back=falls_back))


def unsendable(message: Claimed, reason: str) -> Outcome:
    """The wording cannot be filled with these facts; a person has to mend the message."""
    move = Move(message.key, NotificationStatus.DEAD, error_text=reason)
    alarm = f"{message.message} cannot be written: {reason}"
    return _unless_in_doubt(message, Outcome(move, gives_back_consent=True, alarm=alarm))


def _unless_in_doubt(message: Claimed, outcome: Outcome, *, maybe_sent: bool = False) -> Outcome:
    """What this try met says nothing of an earlier one that may have arrived.

    Then the message has not failed: its receipt decides, and it goes no other way meanwhile, lest its
    reader be told twice.
    """
    is_in_doubt = maybe_sent or message.sending_at is not None
    if not is_in_doubt or outcome.move.status not in (NotificationStatus.FAILED, NotificationStatus.DEAD):
        return outcome
    move = replace(outcome.move, status=NotificationStatus.UNKNOWN)
    return replace(outcome, move=move, falls_back=False, gives_back_consent=False, is_refused=False)


def doubtful(message: Claimed) -> Outcome:
    """Tried so long ago that another try could be a double."""
    return Outcome(Move(message.key, NotificationStatus.UNKNOWN, error_text="too long in doubt"))


def pause(attempt: int) -> timedelta:
    """How long to wait after the n-th try: 10 seconds, doubling up to an hour, a quarter of it by chance."""
    seconds = min(_FIRST_PAUSE_S * 2 ** (attempt - 1), _LONGEST_PAUSE_S)
    return timedelta(seconds=seconds * random.uniform(0.875, 1.125))  # noqa: S311  Jitter.


def _not_to_this_person(message: Claimed, refusal: Refusal) -> Outcome:
    is_refused = refusal.errcode == NO_CONSENT and message.channel is Channel.SUBSCRIBE
    if is_refused and message.sending_at is not None:
        # The first try was in doubt and used up the consent, so it arrived.
        return Outcome(Move(message.key, NotificationStatus.SENT, error_text="arrived at an earlier try"))
    return Outcome(
        _move(message, NotificationStatus.FAILED, refusal),
        falls_back=True,
        gives_back_consent=not is_refused,
        has_left=refusal.errcode == NOT_FOLLOWING,
        is_refused=is_refused,
    )


def _not_now(message: Claimed, refusal: Refusal) -> Outcome:
    if refusal.error_class in (ErrorClass.DAY, ErrorClass.MINUTE):
        return _stopped(message, refusal)
    if refusal.error_class is ErrorClass.OPERATOR:
        return _stopped(message, refusal, alarm=f"the account needs its operator: {refusal}")
    return _later(message, str(refusal), code=refusal.errcode)


def _stopped(message: Claimed, refusal: Refusal, alarm: str | None = None) -> Outcome:
    """The channel stops for everybody; the message itself is due at once, whenever the stop is lifted."""
    until = rules.stop_until(refusal.error_class, clock.now())
    outcome = _later(message, str(refusal), code=refusal.errcode, soon=True, is_counted=False)
    return replace(outcome, stops_until=until, alarm=alarm)


def _later(
    message: Claimed, reason: str, *, code: int | None = None, soon: bool = False, is_counted: bool = True
) -> Outcome:
    is_first = message.sending_at is None
    if is_counted and message.attempt >= MAX_ATTEMPTS:
        move = Move(message.key, NotificationStatus.DEAD, error_code=code, error_text=reason)
        alarm = f"gave up on a {message.message}: {reason}"
        return _unless_in_doubt(message, Outcome(move, gives_back_consent=True, alarm=alarm))
    wait = timedelta(seconds=random.uniform(0.5, 1.5)) if soon else pause(message.attempt)  # noqa: S311  Jitter.
    move = Move(
        message.key, NotificationStatus.CREATED, error_code=code, error_text=reason,
        run_at=clock.now() + wait, is_counted=is_counted, is_safe_again=is_first,
    )  # fmt: skip
    return Outcome(move, gives_back_consent=is_first)


def _move(message: Claimed, status: NotificationStatus, refusal: Refusal) -> Move:
    return Move(message.key, status, error_code=refusal.errcode, error_text=str(refusal))


def _is_of_the_account(refusal: Refusal) -> bool:
    return refusal.errcode in _OF_THE_ACCOUNT or refusal.path.endswith("token")
