"""One turn of a conversation: who speaks, what they said or pressed, and what was left open before."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

from app.domain.accounts import followers
from app.gateways.wechat import Event, Message
from app.gateways.wechat.replies import Reply
from app.kit import clock, crypto
from app.kit.batching import Batcher
from app.public_account.conversation import dialogue, words
from app.public_account.conversation.dialogue import Dialogue

Handler = Callable[["Talk", str], Awaitable[Reply | None]]
"""Gets the turn and what it is about; ``None`` says that it is somebody else's matter."""


_people: Batcher[tuple[str, str], UUID | None] = Batcher(followers.people_behind)


@dataclass(slots=True)
class Talk:
    """A message or event on its way to an answer."""

    appid: str
    openid: str
    on: str
    text: str = field(repr=False)
    said: Message | Event = field(repr=False)
    words: str = field(repr=False)
    dialogue: Dialogue = field(repr=False)
    is_mini_program: bool = False
    _person: UUID | None = None
    _is_asked: bool = False

    async def person(self) -> UUID | None:
        """Whom we know by this openid."""
        if not self._is_asked:
            self._person = await _people((self.appid, self.openid))
            self._is_asked = True
        return self._person

    @property
    def asker(self) -> str:
        """A name under which tries are counted; nobody reads the openid from it."""
        return crypto.lookup_hash(f"{self.appid} {self.openid}", "asker").hex()[:32]

    def ask(self, subject: str, *about: str) -> None:
        """Leave a question open for the next message."""
        self.dialogue = self.dialogue.asking(subject, *about, now=clock.now())

    def about_of(self, subject: str) -> tuple[str, ...] | None:
        """What an open question of this subject is about; ``None`` if there is none."""
        question = self.dialogue.question
        return question.about if question is not None and question.subject == subject else None


def turn(appid: str, said: Message | Event, left_open: bytes, *, is_mini_program: bool = False) -> Talk:
    """The turn a push is: an event by its name, a message by its kind; whatever has words is a text."""
    if isinstance(said, Event):
        on, text = f"event:{said.event}", ""
    else:
        on, text = ("text" if said.text else said.kind), said.text
    return Talk(
        appid=appid,
        openid=said.openid,
        on=on,
        text=text,
        said=said,
        words=words.in_one_spelling(text),
        dialogue=dialogue.read(left_open, clock.now()),
        is_mini_program=is_mini_program,
    )
