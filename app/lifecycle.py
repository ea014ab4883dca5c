"""What every process of ours opens at start and closes at the end: database, cache, gateways.

Also where the areas that keep rows of people are made known to the area that knows the people.
"""

from contextlib import suppress

from tortoise import Tortoise

from app.domain.accounts import merging, portability, questions
from app.domain.appointments import merging as bookings_merging
from app.domain.appointments import portability as bookings_portability
from app.domain.audiences import portability as audiences_portability
from app.domain.cases import followers as case_followers
from app.domain.cases import paper_portability
from app.domain.cases import portability as cases_portability
from app.domain.certificates import portability as certificates_portability
from app.domain.credit_appeals import portability as credit_appeals_portability
from app.domain.invoices import portability as invoices_portability
from app.domain.notices import reads
from app.domain.partners import arrivals as partner_arrivals
from app.domain.sharing import portability as sharing_portability
from app.gateways import exchange, sms, wechat
from app.kit import cache, files
from config import settings
from config.database import tortoise_config
from notifications import retention
from notifications.campaigns import people as campaign_people
from notifications.campaigns.mass import portability as mass_portability
from notifications.inbox import portability as inbox_portability
from notifications.wording import readers

# Where both were told the same of one event, or are recipients of one campaign, the absorbed one's message
# stays where it is: a recipient whose message went elsewhere would wait for its end for ever. Recipients have
# moved before.
_TOLD_ONCE = (
    "NOT EXISTS (SELECT 1 FROM notification k WHERE k.person_id = $1"
    " AND k.committed_at = notification.committed_at AND k.channel = notification.channel"
    " AND k.message = notification.message AND coalesce(k.event_id, 0) = coalesce(notification.event_id, 0)"
    " AND coalesce(k.campaign_id, 0) = coalesce(notification.campaign_id, 0))"
    " AND NOT EXISTS (SELECT 1 FROM campaign_recipient r WHERE r.person_id = $2"
    " AND r.campaign_id = notification.campaign_id)"
)


async def open_stores() -> None:
    """Open the pools; none of them insists that its other side is up yet."""
    _introduce_areas()
    chosen = settings.current()
    await Tortoise.init(
        config=tortoise_config(
            chosen.database_url, pool_min=chosen.database_pool_min, pool_max=chosen.database_pool_max
        ),
        _enable_global_fallback=True,
    )
    party = wechat.WeChat(chosen, cache.client())
    await party.open()
    wechat.use(party)


async def close_stores() -> None:
    """Give everything back."""
    with suppress(RuntimeError):  # Nothing was opened.
        await wechat.current().close()
    wechat.use(None)
    await exchange.close()
    await sms.close()
    await reads.flush()
    await files.close()
    await cache.close()
    await Tortoise.close_connections()


def _introduce_areas() -> None:
    """Say whose rows go along when a person leaves, exports or is merged; saying it twice does no harm."""
    questions.register()
    bookings_portability.register()
    bookings_merging.register()
    paper_portability.register()  # Before the cases, which tell whose papers these are.
    cases_portability.register()
    case_followers.register()
    partner_arrivals.register()
    invoices_portability.register()
    credit_appeals_portability.register()
    certificates_portability.register()
    sharing_portability.register()
    audiences_portability.register()
    inbox_portability.register()
    readers.register()
    campaign_people.register()
    mass_portability.register()
    merging.register("notifications", merging.Rows("notification", only=_TOLD_ONCE))
    merging.register("old_notifications", merging.Rows("notification_archive"))
    portability.before_deletion("notifications", retention.forget)
