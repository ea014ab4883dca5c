"""Another process of the installation: ``python -m tests.console.elsewhere ID NOW`` checks a citizen in."""

import asyncio
import sys
from datetime import datetime
from uuid import UUID

from app import lifecycle
from app.domain.appointments import attendance, passes
from app.domain.appointments.models import Appointment
from app.kit import clock


async def check_in(appointment_id: UUID, now: datetime) -> None:
    """Check in by one's own pass at this moment."""
    await lifecycle.open_stores()
    try:
        with clock.frozen(now):
            person_id = (await Appointment.get(id=appointment_id)).person_id
            await attendance.check_in(appointment_id, person_id, passes.issue(appointment_id, now)[0])
    finally:
        await lifecycle.close_stores()


if __name__ == "__main__":
    asyncio.run(check_in(UUID(sys.argv[1]), datetime.fromisoformat(sys.argv[2])))
