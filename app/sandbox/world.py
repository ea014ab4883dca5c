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
_DEDUPE_S: Final = 600
_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(slots=True)
class Person:
    """One pretend person; ``following`` is None until they first follow or unfollow."""

    name: str
    following: bool | None = None
    consents: dict[str, int] = field(default_factory=dict)
    long_term: set[str] = field(default_factory=set)
    messages: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT_MESSAGES))


class World:
    """All people, found by name or by the openid they have towards one account."""

    def __init__(self, appids: tuple[str, ...], journal: Journal) -> None:
        self.people: dict[str, Person] = {}
        self._appids = appids
        self._by_openid: dict[tuple[str, str], Person] = {}
        self._sent: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()
        self._msgids = itertools.count(time.time_ns() // 1000)
        self._journal = journal

    def open(self) -> None:
        """Read back what a former run wrote, and begin a shorter journal with it."""
        for entry in self._journal.replay():
            self._apply(entry)
        self._journal.rewrite(self._snapshot())

    def close(self) -> None:
        self._journal.close()

    # Who someone is -------------------------------------------------------------------------

    def person(self, name: str) -> Person:
        """The person of this name, who appears now if nobody has heard of them. Raises ValueError."""
        if not is_name(name):
            raise ValueError("名字只能用字母、数字和 -，最多 64 个字符")
        known = self.people.get(name)
        if known is None:
            self._note({"entry": "person", "person": name})
            known = self.people[name]
        return known

    def find(self, appid: str, openid: object) -> Person | None:
        return self._by_openid.get((appid, openid)) if isinstance(openid, str) else None

    # What they do ---------------------------------------------------------------------------

    def follow(self, person: Person, *, following: bool) -> None:
        self._note({"entry": "following", "person": person.name, "following": following})

    def consent(self, person: Person, template_id: str, *, long_term: bool) -> None:
        self._note(
            {"entry": "consent", "person": person.name, "template_id": template_id, "long_term": long_term}
        )

    def has_consent(self, person: Person, template_id: str) -> bool:
        return template_id in person.long_term or person.consents.get(template_id, 0) > 0

    def withdraw(self, person: Person, template_id: str) -> None:
        self._note({"entry": "withdraw", "person": person.name, "template_id": template_id})

    def already_sent(self, person: Person, client_msg_id: str) -> int | None:
        """The msgid this ``client_msg_id`` got within the last ten minutes."""
        found = self._sent.get((person.name, client_msg_id))
        return found[0] if found and clock.now().timestamp() - found[1] < _DEDUPE_S else None

    def next_msgid(self) -> int:
        return next(self._msgids)

    def show(self, person: Person, message: dict[str, Any]) -> None:
        """Put a message on the person's phone; a subscribe message uses up one consent with it."""
        shown = {"at": clock.now().isoformat(timespec="milliseconds"), **message}
        self._note({"entry": "message", "person": person.name, "message": shown})

    def reset(self) -> None:
        """Empty every phone and forget all consents. People stay who they are.

        Followers stay followers, since our server still counts on them; whoever unfollowed is as
        if they had never decided, and follows again at the next login.
        """
        self._note({"entry": "reset"})

    # Entries --------------------------------------------------------------------------------

    def _note(self, entry: Entry) -> None:
        self._journal.append(entry, self._snapshot)
        self._apply(entry)

    def _apply(self, entry: Entry) -> None:
        if entry["entry"] == "reset":
            self._forget()
            return
        person = self.people.get(entry["person"]) or self._appear(entry["person"])
        match entry["entry"]:
            case "following":
                person.following = entry["following"]
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
        person.messages.append(message)
        if message["kind"] == "subscribe" and message["template_id"] not in person.long_term:
            # A snapshot lists a person's old messages before the consents they have left,
            # so a replayed message must not take the count below zero.
            person.consents[message["template_id"]] = max(
                person.consents.get(message["template_id"], 0) - 1, 0
            )
        if message.get("client_msg_id"):
            at = datetime.fromisoformat(message["at"]).timestamp()
            self._sent[person.name, message["client_msg_id"]] = (message["msgid"], at)
            while self._sent and at - next(iter(self._sent.values()))[1] > _DEDUPE_S:
                self._sent.popitem(last=False)

    def _forget(self) -> None:
        self._sent.clear()
        for person in self.people.values():
            person.messages.clear()
            person.consents.clear()
            person.long_term.clear()
            person.following = person.following or None

    def _snapshot(self) -> Iterator[Entry]:
        for person in self.people.values():
            yield {"entry": "person", "person": person.name}
            if person.following is not None:
                yield {"entry": "following", "person": person.name, "following": person.following}
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
