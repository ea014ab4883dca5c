"""The JSON API of the mini-program under /api/v1; one folder per area."""

from miniprogram_api.accounts.routes import routes as accounts
from miniprogram_api.appointments.routes import routes as appointments
from miniprogram_api.cases.routes import routes as cases
from miniprogram_api.certificates.routes import routes as certificates
from miniprogram_api.credit_ratings.routes import routes as credit_ratings
from miniprogram_api.halls.routes import routes as halls
from miniprogram_api.handoffs.routes import routes as handoffs
from miniprogram_api.invoices.batch_routes import routes as invoice_batches
from miniprogram_api.invoices.routes import routes as invoices
from miniprogram_api.messages.routes import routes as messages
from miniprogram_api.notices.routes import routes as notices
from miniprogram_api.papers.routes import routes as papers
from miniprogram_api.regions.routes import routes as regions
from miniprogram_api.scenes.routes import routes as scenes
from miniprogram_api.sharing.routes import routes as sharing

ROUTES = (
    accounts,
    regions,
    halls,
    appointments,
    cases,
    papers,
    invoices,
    invoice_batches,
    credit_ratings,
    certificates,
    sharing,
    messages,
    notices,
    scenes,
    handoffs,
)
"""Every area's routes, in the order of the document."""
