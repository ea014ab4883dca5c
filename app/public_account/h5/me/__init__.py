"""My space 我的: real name, identities, consents, wishes, inbox."""

from app.public_account.h5.me import consents, identities, inbox, real_names, reminders, space, wishes

ROUTES = (
    space.routes,
    real_names.routes,
    identities.routes,
    consents.routes,
    wishes.routes,
    reminders.routes,
    inbox.routes,
)
