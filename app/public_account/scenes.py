"""Where a scene leads on our web pages, for codes opened in a browser and links sent in the chat."""

from app.domain.accounts.scene_models import SceneKind
from app.domain.accounts.scenes import Scene
from app.domain.accounts.web_login import HOME


def page_of(scene: Scene) -> str:
    """The path of the page that goes on with what was scanned."""
    match scene.kind:
        case SceneKind.HALL_POSTER:
            return f"/h5/halls/{scene.payload['hall_id']}"
        case SceneKind.CHECK_IN:
            return f"/h5/appointments/{scene.payload['appointment_id']}"
        case SceneKind.GUIDE:
            return f"/h5/guides/{scene.payload['guide_id']}"
        case SceneKind.REMINDERS:
            return "/h5/me/messages"
        case SceneKind.BIND:
            return HOME
