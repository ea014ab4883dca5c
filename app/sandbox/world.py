"""The people of the sandbox: who they are, whom they follow, what they allowed, what their phone shows.

Every lasting change is an entry: first written to the journal, then applied, and at the next start
applied again from the journal.
"""

import base64
import hashlib
import itertools
import re
import time
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from app.kit import clock
from app.sandbox.journal import Entry, Journal

KEPT_MESSAGES: Final = 500
KEPT_ALTOGETHER: Final = 200_000
"""Messages on all phones together: a campaign to a crowd must not fill the machine."""
_DEDUPE_S: Final = 600
_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(slots=True)
class Person:
    """One pretend person.

    ``follows`` has an appid from the first time they follow or unfollow it. A ``snapshot`` visitor
    has opened a web page without showing WeChat who they are; who ``declines`` has blocked
    customer-service messages.
    """

    name: str
    follows: dict[str, bool] = field(default_factory=dict)
    snapshot: bool = False
    declines: bool = False
    consents: dict[str, int] = field(default_factory=dict)
    long_term: set[str] = field(default_factory=set)
    messages: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT_MESSAGES))


class World:
    """All people, found by name or by the openid they have towards one account.

    The first of the ``appids`` is the account people follow unless another is named.
    """

    entries = frozenset({"person", "following", "manner", "consent", "withdraw", "message", "reset"})

    def __init__(self, appids: tuple[str, ...], journal: Journal) -> None:
        self.people: dict[str, Person] = {}
        self._appids = appids
        self._by_openid: dict[tuple[str, str], Person] = {}
        self._sent: OrderedDict[tuple[str, str, str], tuple[int, float]] = OrderedDict()
        self._shown: deque[Person] = deque()
        self._msgids = itertools.count(time.time_ns() // 1000)
        self._journal = journal
        journal.join(self)

    # Who someone is -------------------------------------------------------------------------

    def person(self, name: str) -> Person:
        """The person of this name, who appears now if nobody has heard of them. Raises ValueError."""
        if not is_name(name):
            raise ValueError("名字只能用字母、数字和 -，最多 64 个字符")
        known = self.people.get(name)
        if known is None:
            self._journal.note({"entry": "person", "person": name})
            known = self.people[name]
        return known

    def find(self, appid: str, openid: object) -> Person | None:
        return self._by_openid.get((appid, openid)) if isinstance(openid, str) else None

    # What they do ---------------------------------------------------------------------------

    def following(self, person: Person, appid: str | None = None) -> bool | None:
        """Whether the person follows an account; None if they never decided."""
        return person.follows.get(appid or self._appids[0])

    def follow(self, person: Person, *, following: bool, appid: str | None = None) -> None:
        whom = appid or self._appids[0]
        self._journal.note(
            {"entry": "following", "person": person.name, "appid": whom, "following": following}
        )

    def behave(self, person: Person, *, snapshot: bool, declines: bool) -> None:
        self._journal.note(
            {"entry": "manner", "person": person.name, "snapshot": snapshot, "declines": declines}
        )

    def followers(self, appid: str) -> list[str]:
        """Openids of all who follow an account now, in a lasting order."""
        return sorted(
            openid_of(appid, person.name) for person in self.people.values() if person.follows.get(appid)
        )

    def consent(self, person: Person, template_id: str, *, long_term: bool) -> None:
        self._journal.note(
            {"entry": "consent", "person": person.name, "template_id": template_id, "long_term": long_term}
        )

    def has_consent(self, person: Person, template_id: str) -> bool:
        return template_id in person.long_term or person.consents.get(template_id, 0) > 0

    def withdraw(self, person: Person, template_id: str) -> None:
        self._journal.note({"entry": "withdraw", "person": person.name, "template_id": template_id})

    def already_sent(self, appid: str, person: Person, client_msg_id: str) -> int | None:
        """The msgid this ``client_msg_id`` got within the last ten minutes."""
        found = self._sent.get((appid, person.name, client_msg_id))
        return found[0] if found and clock.seconds() - found[1] < _DEDUPE_S else None

    def next_msgid(self) -> int:
        return next(self._msgids)

    def show(self, person: Person, message: dict[str, Any]) -> None:
        """Put a message on the person's phone; a subscribe message uses up one consent with it."""
        shown = {"at": clock.now().isoformat(timespec="milliseconds"), **message}
        self._journal.note({"entry": "message", "person": person.name, "message": shown})

    def reset(self) -> None:
        """Empty every phone and forget all consents. People stay who they are.

        Followers stay followers, since our server still counts on them; whoever unfollowed is as
        if they had never decided, and follows again at the next login.
        """
        self._journal.note({"entry": "reset"})

    # Entries --------------------------------------------------------------------------------

    def apply(self, entry: Entry) -> None:
        if entry["entry"] == "reset":
            self._forget()
            return
        person = self.people.get(entry["person"]) or self._appear(entry["person"])
        match entry["entry"]:
            case "following":
                # An older sandbox had one public account and did not name it.
                person.follows[entry.get("appid", self._appids[0])] = entry["following"]
            case "manner":
                person.snapshot, person.declines = entry["snapshot"], entry["declines"]
            case "consent":
                self._grant(person, entry)
            case "withdraw":
                person.consents.pop(entry["template_id"], None)
                person.long_term.discard(entry["template_id"])
            case "message":
                self._deliver(person, entry["message"])

    def _appear(self, name: str) -> Person:
        person = self.people[name] = Person(name)
        for appid in self._appids:
            self._by_openid[appid, openid_of(appid, name)] = person
        return person

    def _grant(self, person: Person, entry: Entry) -> None:
        if entry["long_term"]:
            person.long_term.add(entry["template_id"])
        else:
            count = person.consents.get(entry["template_id"], 0) + entry.get("count", 1)
            person.consents[entry["template_id"]] = count

    def _deliver(self, person: Person, message: dict[str, Any]) -> None:
        self._keep(person, message)
        if message["kind"] == "subscribe" and message["template_id"] not in person.long_term:
            # A snapshot lists a person's old messages before the consents they have left,
            # so a replayed message must not take the count below zero.
            person.consents[message["template_id"]] = max(
                person.consents.get(message["template_id"], 0) - 1, 0
            )
        if message.get("client_msg_id"):
            at = datetime.fromisoformat(message["at"]).timestamp()
            self._sent[message["appid"], person.name, message["client_msg_id"]] = (message["msgid"], at)
            while self._sent and at - next(iter(self._sent.values()))[1] > _DEDUPE_S:
                self._sent.popitem(last=False)

    def _keep(self, person: Person, message: dict[str, Any]) -> None:
        """One message more; a full phone lets its oldest go, a full world the oldest of all."""
        if len(person.messages) < KEPT_MESSAGES:
            self._shown.append(person)
        person.messages.append(message)
        if len(self._shown) > KEPT_ALTOGETHER:
            self._shown.popleft().messages.popleft()

    def _forget(self) -> None:
        self._sent.clear()
        self._shown.clear()
        for person in self.people.values():
            person.messages.clear()
            person.consents.clear()
            person.long_term.clear()
            person.follows = {appid: True for appid, follows in person.follows.items() if follows}

    def snapshot(self) -> Iterator[Entry]:
        for person in self.people.values():
            yield {"entry": "person", "person": person.name}
            if person.snapshot or person.declines:
                manner = {"snapshot": person.snapshot, "declines": person.declines}
                yield {"entry": "manner", "person": person.name, **manner}
            for appid, following in person.follows.items():
                yield {"entry": "following", "person": person.name, "appid": appid, "following": following}
            for message in person.messages:
                yield {"entry": "message", "person": person.name, "message": message}
            for template_id, count in person.consents.items():
                if count:
                    grant = {"template_id": template_id, "count": count, "long_term": False}
                    yield {"entry": "consent", "person": person.name, **grant}
            for template_id in person.long_term:
                yield {
                    "entry": "consent",
                    "person": person.name,
                    "template_id": template_id,
                    "long_term": True,
                }


def is_name(name: object) -> bool:
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def openid_of(appid: str, name: str) -> str:
    """28 characters that are the same for a person and an account every time, as WeChat's are."""
    return "o" + _letters(f"openid {appid} {name}")[:27]


def unionid_of(name: str) -> str:
    """What joins one person's openids."""
    return "o" + _letters(f"unionid {name}")[:27]


def phone_of(name: str) -> str:
    """A mobile number of a person, the same every time."""
    digits = int.from_bytes(hashlib.sha256(f"phone {name}".encode()).digest()[:8], "big")
    return f"138{digits % 10**8:08d}"


def _letters(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()
