"""The codes to scan that accounts had made: scene codes of public accounts, codes of mini-programs."""

import io
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

import segno

from app.kit import clock
from app.sandbox.answers import PlatformRefusal
from app.sandbox.holdings import Holdings

_MOST_LASTING: Final = 100_000
_PICTURE_PX: Final = 430


@dataclass(frozen=True, slots=True)
class SceneCode:
    """A code of a public account; it leads to a scene until it ends, or for ever."""

    appid: str
    ticket: str
    scene: str
    url: str


class Scenes:
    """Makes codes and finds them again."""

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings

    def make(self, appid: str, scene: str, life_s: int | None) -> SceneCode:
        """Raises PlatformRefusal 45029 when an account has 100,000 codes without an end."""
        kept = self._holdings.of(appid, "scene")
        now = clock.now()
        if life_s is None:
            if sum(one["until"] is None for one in kept.values()) >= _MOST_LASTING:
                raise PlatformRefusal(45029)
            # The same lasting scene is the same code, as often as it is asked for.
            for ticket, one in kept.items():
                if one["until"] is None and one["scene"] == scene:
                    return SceneCode(appid, ticket, scene, one["url"])
        for ticket in [ticket for ticket, one in kept.items() if _is_over(one)]:
            self._holdings.drop(appid, "scene", ticket)
        code = SceneCode(appid, f"g{secrets.token_urlsafe(66)}", scene, f"http://weixin.qq.com/q/{_short()}")
        until = None if life_s is None else now.timestamp() + life_s
        made = {"scene": scene, "url": code.url, "until": until, "at": now.isoformat()}
        self._holdings.put(appid, "scene", code.ticket, made)
        return code

    def find(self, ticket: str, appids: list[str]) -> SceneCode | None:
        """The code behind a ticket of one of these accounts; None if there is none or it has ended."""
        for appid in appids:
            one = self._holdings.of(appid, "scene").get(ticket)
            if one is not None and not _is_over(one):
                return SceneCode(appid, ticket, one["scene"], one["url"])
        return None

    def ticket_of(self, appid: str, scene: str) -> str | None:
        """The ticket of the latest code with this scene."""
        tickets = [key for key, one in self._holdings.of(appid, "scene").items() if one["scene"] == scene]
        return tickets[-1] if tickets else None

    def make_program_code(self, appid: str, page: str, scene: str) -> str:
        """Remember a code of a mini-program; gives its number."""
        number = _short()
        made = {"page": page, "scene": scene, "at": clock.now().isoformat()}
        self._holdings.put(appid, "code", number, made)
        return number

    def program_picture(self, number: str, appids: list[str]) -> bytes | None:
        """A QR picture in the place of the mini-program's own round code."""
        for appid in appids:
            if one := self._holdings.of(appid, "code").get(number):
                return program_picture(appid, one["page"], one["scene"])
        return None

    def listed(self, appids: list[str]) -> list[dict[str, Any]]:
        """Every code that can still be scanned, newest first, with the path of its picture."""
        found = [*self._listed_scenes(appids), *self._listed_codes(appids)]
        return sorted(found, key=lambda one: str(one["at"]), reverse=True)

    def _listed_scenes(self, appids: list[str]) -> Iterator[dict[str, Any]]:
        for appid in appids:
            for ticket, one in self._holdings.of(appid, "scene").items():
                if not _is_over(one):
                    image = f"/cgi-bin/showqrcode?{urlencode({'ticket': ticket})}"
                    more = {"ticket": ticket, "image": image, "at": one["at"]}
                    yield {"kind": "scene", "appid": appid, "scene": one["scene"], **more}

    def _listed_codes(self, appids: list[str]) -> Iterator[dict[str, Any]]:
        for appid in appids:
            for number, one in self._holdings.of(appid, "code").items():
                image = f"/_sandbox/pictures/{quote(number)}.png"
                yield {"kind": "mini_program", "appid": appid, **one, "image": image}


def picture(text: str, width_px: int = _PICTURE_PX) -> bytes:
    """A QR code as PNG, at most ``width_px`` wide."""
    code = segno.make(text, error="m", micro=False)
    out = io.BytesIO()
    code.save(out, kind="png", scale=max(1, width_px // code.symbol_size()[0]))
    return out.getvalue()


def program_picture(appid: str, page: str, scene: str, width_px: int = _PICTURE_PX) -> bytes:
    query = urlencode({"appid": appid, "page": page, "scene": scene})
    return picture(f"weixin://sandbox/program?{query}", width_px)


def _is_over(one: dict[str, Any]) -> bool:
    return one["until"] is not None and one["until"] <= clock.seconds()


def _short() -> str:
    return secrets.token_hex(8)
