"""The mini-program code of an appointment: scanned, it opens the page that checks one in."""

from typing import Final

from app.domain.accounts import scenes
from app.domain.accounts.scene_models import SceneKind, SceneMedium
from app.domain.accounts.scenes import Picture
from app.domain.appointments import attendance
from app.domain.appointments.errors import NotActive
from app.domain.appointments.models import Appointment
from app.domain.halls.posters import mini_program_code
from app.kit import audit, clock

_CHECK_IN_PAGE: Final = "pages/check-in/index"


async def check_in_code(appointment: Appointment) -> Picture:
    """The code, which ends with the appointment. Raises NotActive, and WeChatDown."""
    attendance.check_may_get_pass(appointment)
    if appointment.ends_at <= clock.now():
        raise NotActive
    short = await scenes.make_scene_until(
        SceneKind.CHECK_IN,
        {"appointment_id": str(appointment.id)},
        appointment.ends_at,
        created_by=audit.person(appointment.person_id),
    )
    return await scenes.picture(short, SceneMedium.MINI_PROGRAM, _paint)


async def _paint(short: str) -> Picture:
    return await mini_program_code(short, _CHECK_IN_PAGE)
