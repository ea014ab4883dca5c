"""Ways in: sign-in, the privacy notice, links of messages."""

from app.public_account.h5.entry import links, privacy, sign_in

ROUTES = (
    sign_in.routes,
    privacy.routes,
    links.routes,
)
