"""Every path of the platform, and which call answers it."""

from typing import Final

from app.sandbox.platform.basics import Basics
from app.sandbox.platform.calls import Table
from app.sandbox.platform.customers import Customers
from app.sandbox.platform.drafts import Drafts
from app.sandbox.platform.library import Library
from app.sandbox.platform.login import Login
from app.sandbox.platform.mass import Mass
from app.sandbox.platform.media import MediaCalls
from app.sandbox.platform.menus import MenuCalls
from app.sandbox.platform.safety import Safety
from app.sandbox.platform.scenes import SceneCalls
from app.sandbox.platform.sends import Sends
from app.sandbox.platform.users import Users
from app.sandbox.platform.web import Web
from app.sandbox.sandbox import Sandbox

_FAMILIES: Final = (
    Login,
    Users,
    MenuCalls,
    Web,
    Library,
    Sends,
    Customers,
    Drafts,
    Mass,
    SceneCalls,
    Safety,
    MediaCalls,
)


def platform_table(sandbox: Sandbox) -> Table:
    basics = Basics(sandbox)
    table = basics.table()
    for family in _FAMILIES:
        table |= family(sandbox).table()
    basics.know(frozenset(table))
    return table
