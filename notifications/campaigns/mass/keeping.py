"""What is kept of mass sends, and for how long."""

from datetime import timedelta
from typing import Final

from notifications.campaigns.mass import ledger, receipts

_REPORTS: Final = timedelta(days=30)


async def purge() -> int:
    """Delete old reports and past months; answers how many rows. Safe to repeat."""
    return await receipts.purge(_REPORTS) + await ledger.forget_past()
