"""A deed of a page: done, and the page says so; or refused, and its form stands there again as it was."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.kit.errors import Fault, InvalidInput
from app.kit.web import Call
from app.kit.web.pages.site import to


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of its forms: what was just done, or which form was refused, why, and its words.

    ``given`` is what a deed gave that was done.
    """

    done: str = ""
    given: Any = None
    deed: str = ""
    refusal: Fault | None = None
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_fields(self) -> bool:
        """Whether something of the form itself is wrong."""
        return isinstance(self.refusal, InvalidInput) and bool(self.refusal.fields)

    def why(self, name: str) -> str:
        """What is wrong with a field, if something is."""
        reasons = self.refusal.fields.get(name, ()) if isinstance(self.refusal, InvalidInput) else ()
        return "；".join(reasons)

    def others(self, names: list[str]) -> list[str]:
        """What is wrong with anything the form has no field for."""
        found = self.refusal.fields.items() if isinstance(self.refusal, InvalidInput) else ()
        return [reason for name, reasons in found if name not in names for reason in reasons]


async def attempt(
    call: Call, deed: str, act: Callable[[], Awaitable[object]], *, names: Mapping[str, str] | None = None
) -> Shown:
    """Do a deed if its words were understood; ``names``: the domain's name of a field → the form's."""
    refusal: Fault | None = call.wrong
    if refusal is None:
        try:
            return Shown(done=deed, given=await act(), typed=call.typed)
        except InvalidInput as wrong:
            wrong.fields = {(names or {}).get(name, name): reasons for name, reasons in wrong.fields.items()}
            refusal = wrong
        except Fault as refused:
            refusal = refused
    return Shown(deed=deed, refusal=refusal, typed=call.typed)


async def done(
    call: Call,
    deed: str,
    act: Callable[[], Awaitable[object]],
    place: str | Callable[[Any], str],
    sheet: Callable[[Call, Shown], Awaitable[object]],
    *,
    names: Mapping[str, str] | None = None,
    **query: str,
) -> object:
    """A deed, then the page it leads to, which may depend on what it gave; refused, its sheet again."""
    shown = await attempt(call, deed, act, names=names)
    if shown.refusal is not None:
        return await sheet(call, shown)
    return to(place if isinstance(place, str) else place(shown.given), {**query, "done": deed})
