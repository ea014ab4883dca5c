"""The base libraries over HTTP.

``POST {url}/v1/library-records`` ``{library, subject, fields, purpose}`` → ``{library, subject, records:
[{field: value}]}``. Only the fields asked for are kept; one that tells more rings an alarm.
"""

from collections.abc import Collection, Sequence

from app.gateways.exchange import alarms, wire
from app.gateways.exchange.alarms import Alarm
from app.gateways.exchange.library_contract import Library, LibraryRecord
from app.gateways.exchange.purposes import Purpose, Source
from app.gateways.exchange.upstream import Upstream

LIBRARY_RECORDS = "/v1/library-records"
_MOST_RECORDS = 200


class HttpLibraries(Upstream):
    """See ``LibraryConnector``."""

    source = Source.LIBRARIES

    async def look_up(
        self, library: Library, subject: str, fields: Collection[str], *, purpose: str
    ) -> Sequence[LibraryRecord]:
        asked = {"library": library.value, "subject": subject, "fields": sorted(fields)}
        answer = await self.ask(
            LIBRARY_RECORDS, asked, purpose=Purpose(purpose), about=("library", "subject")
        )
        try:
            told = [wire.mapping(one) for one in wire.items(answer.get("records"), _MOST_RECORDS)]
            found = records_of(told, fields)
        except ValueError:
            raise self.nonsense(LIBRARY_RECORDS) from None
        surplus = {name for one in told for name in one} - set(fields)
        if surplus:
            alarms.ring(self.source, Alarm.SURPLUS_FIELDS, f"{library}: {len(surplus)} fields")
        return found


def records_of(told: Sequence[object], fields: Collection[str]) -> list[LibraryRecord]:
    """Records out of their JSON, with nothing but these fields. Raises ValueError."""
    return [
        LibraryRecord(
            tuple(
                (name, wire.text(one[name], 500))
                for name in sorted(fields)
                if one.get(name) not in (None, "")
            )
        )
        for one in map(wire.mapping, told)
    ]
