"""What an answer of WeChat, or none, means for the message, its consent, its reader and the account."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.gateways.wechat import ErrorClass, WeChatRefused, WeChatUnreachable
from app.kit import clock
from notifications.models import Channel, NotificationStatus
from notifications.queue import MAX_ATTEMPTS, Claimed, Move

NOT_FOLLOWING: Final = 43004
NO_CONSENT: Final = 43101

_FIRST_PAUSE_S: Final = 10
_LONGEST_PAUSE_S: Final = 3600
_ACCOUNT_PAUSE: Final = timedelta(minutes=1)
# These are wrong with the account, not with a message: secret, address list, rights, approval.
_OF_THE_ACCOUNT: Final = frozenset({40013, 40125, 40164, 48001, 50002, 89503, 89506, 89507})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from one try.

    ``falls_back`` tries the other channel; ``gives_back_consent`` refunds it; ``has_left`` marks the
    reader as no follower; ``is_refused`` voids the person's other consents for the template;
    ``account_until`` pauses the whole account; ``alarm`` is for the operator.
    """

    move: Move
    falls_back: bool = False
    gives_back_consent: bool = False
    has_left: bool = False
    is_refused: bool = False
    account_until: datetime | None = None
    alarm: str | None = None


def accepted(message: Claimed, msgid: int | None) -> Outcome:
    """WeChat took the message."""
    return Outcome(Move(message.id, NotificationStatus.SENT, msgid=None if msgid is None else str(msgid)))


def unreachable(message: Claimed, failure: WeChatUnreachable) -> Outcome:
    """No usable answer. Certainly not sent: waits and costs no attempt. Maybe sent: in doubt."""
    # A token that could not be fetched kept the message itself at home.
    if not failure.sent_maybe or failure.path.endswith("token"):
        return _later(message, str(failure), soon=True, is_counted=False)
    again = clock.now() + pause(message.attempt)
    return Outcome(Move(message.id, NotificationStatus.SENDING, error_text=str(failure), run_at=again))


def refused(message: Claimed, refusal: WeChatRefused) -> Outcome:
    """WeChat answered with an error code; it certainly did not send."""
    if refusal.error_class is ErrorClass.RECIPIENT:
        return _not_to_this_person(message, refusal)
    if refusal.error_class is ErrorClass.DATA:
        move = _move(message, NotificationStatus.FAILED, refusal)
        return Outcome(move, gives_back_consent=True, alarm=f"WeChat takes no {message.message}: {refusal}")
    if refusal.error_class is ErrorClass.OPERATOR and not _is_of_the_account(refusal):
        move = _move(message, NotificationStatus.DEAD, refusal)
        return Outcome(move, gives_back_consent=True, alarm=f"WeChat refuses {message.message}: {refusal}")
    return _not_now(message, refusal)


def impossible(message: Claimed, reason: str, *, falls_back: bool) -> Outcome:
    """Not tried at all: nobody there on this channel, or too late."""
    return Outcome(Move(message.id, NotificationStatus.FAILED, error_text=reason), falls_back=falls_back)


def unsendable(message: Claimed, reason: str) -> Outcome:
    """The wording cannot be filled with these facts; a person has to mend the message."""
    move = Move(message.id, NotificationStatus.DEAD, error_text=reason)
    return Outcome(move, gives_back_consent=True, alarm=f"{message.message} cannot be written: {reason}")


def doubtful(message: Claimed) -> Outcome:
    """Tried so long ago that another try could be a double."""
    return Outcome(Move(message.id, NotificationStatus.UNKNOWN, error_text="too long in doubt"))


def pause(attempt: int) -> timedelta:
    """How long to wait after the n-th try: 10 seconds, doubling up to an hour, a quarter of it by chance."""
    seconds = min(_FIRST_PAUSE_S * 2 ** (attempt - 1), _LONGEST_PAUSE_S)
    return timedelta(seconds=seconds * random.uniform(0.875, 1.125))  # noqa: S311  Jitter.


def _not_to_this_person(message: Claimed, refusal: WeChatRefused) -> Outcome:
    is_refused = refusal.errcode == NO_CONSENT and message.channel is Channel.SUBSCRIBE
    if is_refused and message.sending_at is not None:
        # The first try was in doubt and used up the consent, so it arrived.
        return Outcome(Move(message.id, NotificationStatus.SENT, error_text="arrived at an earlier try"))
    return Outcome(
        _move(message, NotificationStatus.FAILED, refusal),
        falls_back=True,
        gives_back_consent=not is_refused,
        has_left=refusal.errcode == NOT_FOLLOWING,
        is_refused=is_refused,
    )


def _not_now(message: Claimed, refusal: WeChatRefused) -> Outcome:
    now = clock.now()
    if refusal.error_class is ErrorClass.DAY:
        # Daily quotas begin anew at midnight in Shanghai.
        until = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return _paused(message, refusal, until)
    if refusal.error_class is ErrorClass.MINUTE:
        return _paused(message, refusal, now.replace(second=0, microsecond=0) + timedelta(minutes=1))
    if refusal.error_class is ErrorClass.OPERATOR:
        alarm = f"the account needs its operator: {refusal}"
        return _paused(message, refusal, now + _ACCOUNT_PAUSE, alarm=alarm)
    return _later(message, str(refusal), code=refusal.errcode)


def _paused(message: Claimed, refusal: WeChatRefused, until: datetime, alarm: str | None = None) -> Outcome:
    move = Move(
        message.id, NotificationStatus.CREATED, error_code=refusal.errcode, error_text=str(refusal),
        run_at=until, is_counted=False, is_safe_again=message.sending_at is None,
    )  # fmt: skip
    return Outcome(move, gives_back_consent=message.sending_at is None, account_until=until, alarm=alarm)


def _later(
    message: Claimed, reason: str, *, code: int | None = None, soon: bool = False, is_counted: bool = True
) -> Outcome:
    is_first = message.sending_at is None
    if is_counted and message.attempt >= MAX_ATTEMPTS:
        move = Move(message.id, NotificationStatus.DEAD, error_code=code, error_text=reason)
        return Outcome(move, gives_back_consent=is_first, alarm=f"gave up on a {message.message}: {reason}")
    wait = timedelta(seconds=random.uniform(0.5, 1.5)) if soon else pause(message.attempt)  # noqa: S311  Jitter.
    move = Move(
        message.id, NotificationStatus.CREATED, error_code=code, error_text=reason,
        run_at=clock.now() + wait, is_counted=is_counted, is_safe_again=is_first,
    )  # fmt: skip
    return Outcome(move, gives_back_consent=is_first)


def _move(message: Claimed, status: NotificationStatus, refusal: WeChatRefused) -> Move:
    return Move(message.id, status, error_code=refusal.errcode, error_text=str(refusal))


def _is_of_the_account(refusal: WeChatRefused) -> bool:
    return refusal.errcode in _OF_THE_ACCOUNT or refusal.path.endswith("token")
