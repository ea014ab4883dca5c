"""Tags an account puts on its followers.

Source: the platform's guide to user tags: 100 tags, names of 30 bytes, 20 tags a person.
"""

from typing import Any, Final

from app.sandbox.answers import PlatformRefusal
from app.sandbox.holdings import Holdings

_MOST_TAGS: Final = 100
_MOST_OF_PERSON: Final = 20
_NAME_BYTES: Final = 30
# 0, 1 and 2 belong to the platform itself.
_FIRST_ID: Final = 100
_SYSTEM: Final = ("0", "1", "2")


class Tags:
    """Raises PlatformRefusal with the platform's codes for each broken limit."""

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings

    def all(self, appid: str) -> list[dict[str, Any]]:
        """Id, name and how many people have it."""
        return [
            {"id": int(tag_id), "name": name, "count": len(self.people(appid, int(tag_id)))}
            for tag_id, name in self._holdings.of(appid, "tag").items()
        ]

    def known(self, appid: str) -> dict[str, str]:
        """Names by id, the id as text."""
        return dict(self._holdings.of(appid, "tag"))

    def create(self, appid: str, name: Any) -> int:
        """45056, 45157, 45158."""
        known = self.known(appid)
        if len(known) >= _MOST_TAGS:
            raise PlatformRefusal(45056)
        self._check_name(known, name)
        tag_id = max((int(one) for one in known), default=_FIRST_ID - 1) + 1
        self._holdings.put(appid, "tag", str(tag_id), name)
        return tag_id

    def rename(self, appid: str, tag_id: Any, name: Any) -> None:
        """45058, 45157, 45158, 45159."""
        key = self._existing(appid, tag_id)
        self._check_name({one: said for one, said in self.known(appid).items() if one != key}, name)
        self._holdings.put(appid, "tag", key, name)

    def delete(self, appid: str, tag_id: Any) -> None:
        """45058, 45159. The tag goes from everybody."""
        key = self._existing(appid, tag_id)
        for openid in self.people(appid, int(key)):
            self._take(appid, openid, int(key))
        self._holdings.drop(appid, "tag", key)

    def people(self, appid: str, tag_id: int) -> list[str]:
        tagged = self._holdings.of(appid, "tagged")
        return [openid for openid, tag_ids in tagged.items() if tag_id in tag_ids]

    def of_person(self, appid: str, openid: str) -> list[int]:
        return list(self._holdings.of(appid, "tagged").get(openid, ()))

    def tag(self, appid: str, openids: list[str], tag_id: Any) -> None:
        """45159, 45059; nobody is tagged unless all can be."""
        number = int(self._existing(appid, tag_id, may_be_system=True))
        lacking = [openid for openid in openids if number not in self.of_person(appid, openid)]
        if any(len(self.of_person(appid, openid)) >= _MOST_OF_PERSON for openid in lacking):
            raise PlatformRefusal(45059)
        for openid in dict.fromkeys(lacking):
            self._holdings.put(appid, "tagged", openid, [*self.of_person(appid, openid), number])

    def untag(self, appid: str, openids: list[str], tag_id: Any) -> None:
        """45159."""
        number = int(self._existing(appid, tag_id, may_be_system=True))
        for openid in openids:
            self._take(appid, openid, number)

    def _take(self, appid: str, openid: str, tag_id: int) -> None:
        left = [one for one in self.of_person(appid, openid) if one != tag_id]
        if left:
            self._holdings.put(appid, "tagged", openid, left)
        else:
            self._holdings.drop(appid, "tagged", openid)

    def _existing(self, appid: str, tag_id: Any, *, may_be_system: bool = False) -> str:
        key = str(tag_id)
        if key in _SYSTEM and not may_be_system:
            raise PlatformRefusal(45058)
        if key not in self._holdings.of(appid, "tag") and key != "2":
            raise PlatformRefusal(45159)
        return key

    def _check_name(self, others: dict[str, str], name: Any) -> None:
        if not isinstance(name, str) or not name or name in others.values():
            raise PlatformRefusal(45157)
        if len(name.encode()) > _NAME_BYTES:
            raise PlatformRefusal(45158)
