"""Who may call each route; which role opens which door of the desks stands in tests/console/doors."""

from tests.architecture.matrix import h5, mini_program, others
from tests.architecture.matrix.callers import STAFF_PAGE
from tests.console.doors import DOORS, OWN_SESSION

MATRIX = {
    **mini_program.CALLERS,
    **h5.CALLERS,
    **others.CALLERS,
    **dict.fromkeys((*DOORS, *OWN_SESSION), STAFF_PAGE),
}
