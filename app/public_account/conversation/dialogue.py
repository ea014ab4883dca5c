"""What a person's last words left open: a question of ours, where they are, the rest of a long answer.

It lives in Valkey, sealed, for minutes. If it is lost the person is asked once more.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Self

import orjson

from app.domain.halls.queries import Position
from app.kit import crypto
from app.public_account.deliveries import Opening

QUESTION_LIFE: Final = timedelta(minutes=5)
PLACE_LIFE: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Question:
    """What the next message is to answer: ``subject`` names the asker, ``about`` is its own matter."""

    subject: str
    about: tuple[str, ...]
    until: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person said they are, rounded to about a kilometre."""

    latitude: float
    longitude: float
    until: datetime

    @property
    def position(self) -> Position:
        return Position(self.latitude, self.longitude)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Everything left open. It is never changed, only replaced."""

    question: Question | None = None
    place: Place | None = None
    rest: str = field(default="", repr=False)

    def asking(self, subject: str, *about: str, now: datetime) -> Self:
        """With a question put."""
        return replace(self, question=Question(subject, about, now + QUESTION_LIFE))

    def settled(self) -> Self:
        """Without a question."""
        return replace(self, question=None)

    def at(self, latitude: float, longitude: float, *, now: datetime) -> Self:
        """With a place; nobody needs to know it more closely than a neighbourhood."""
        return replace(self, place=Place(round(latitude, 2), round(longitude, 2), now + PLACE_LIFE))

    def with_rest(self, rest: str) -> Self:
        """With the rest of an answer that was too long."""
        return replace(self, rest=rest)


def read(text: bytes, now: datetime) -> Dialogue:
    """What is still open at this moment; anything unreadable is nothing."""
    if not text:
        return Dialogue()
    try:
        known: dict[str, Any] = orjson.loads(crypto.unseal(text.decode()))
        question = _question(known.get("question"), now)
        place = _place(known.get("place"), now)
    except (crypto.CannotUnseal, ValueError, TypeError, KeyError):
        return Dialogue()
    return Dialogue(question, place, known.get("rest", ""))


def write(dialogue: Dialogue) -> Opening:
    """The dialogue as it is kept: sealed, since people's own words may be in it."""
    if dialogue == Dialogue():
        return Opening(b"", 0)
    life = PLACE_LIFE if dialogue.place else QUESTION_LIFE
    return Opening(crypto.seal(orjson.dumps(dialogue).decode()).encode(), int(life.total_seconds()))


def _question(known: Any, now: datetime) -> Question | None:
    if not known or datetime.fromisoformat(known["until"]) <= now:
        return None
    return Question(known["subject"], tuple(known["about"]), datetime.fromisoformat(known["until"]))


def _place(known: Any, now: datetime) -> Place | None:
    if not known or datetime.fromisoformat(known["until"]) <= now:
        return None
    return Place(known["latitude"], known["longitude"], datetime.fromisoformat(known["until"]))
