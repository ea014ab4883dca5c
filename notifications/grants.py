"""Long-term subscriptions 长期订阅: which of our templates need to be accepted just once.

WeChat opens them to public services such as 政务民生; the template library knows which ours are.
"""

from app.kit import db
from notifications.models import Channel


async def long_term() -> frozenset[str]:
    """The ids of the long-term templates our accounts have."""
    rows = await db.fetch(
        "SELECT template_id FROM wechat_template WHERE channel = $1 AND is_long_term AND gone_at IS NULL",
        Channel.SUBSCRIBE.value,
    )
    return frozenset(row["template_id"] for row in rows)
