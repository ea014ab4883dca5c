"""The worker: hands on events, delivers messages, runs timed tasks. One of two pages that know every part."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Sequence

from asyncpg import PostgresError
from prometheus_client import start_http_server
from tortoise.exceptions import OperationalError

from app import lifecycle
from app.domain.accounts import groups, handoffs, scenes, sessions, tagging
from app.domain.appointments import attendance, day_end, reminders, schedule, seats
from app.domain.appointments.models import BookingRules
from app.domain.audiences import lists, memberships, rule_book
from app.domain.cases import due_dates, late_specials, paper_keeping
from app.domain.cases import followers as case_followers
from app.domain.certificates import expiry
from app.domain.connections import overdue
from app.domain.credit_appeals import following as credit_appeals
from app.domain.credit_ratings import keeping as credit_ratings
from app.domain.figures import case_counting, counting, months
from app.domain.halls import holidays, schedules
from app.domain.invoices import batch_work, queued, rechecks, snapshots, verification
from app.domain.invoices import batches as invoice_batches
from app.domain.notices import publishing, reads
from app.domain.partners import keeping as partners
from app.domain.sharing import keeping as sharing
from app.gateways import wechat
from app.gateways.exchange import calls as exchange_calls
from app.kit import files
from app.kit.jobs import Jobs
from app.kit.loops import every, repeat
from app.kit.metrics import REGISTRY
from app.kit.outbox import Event, Handler, Relay
from app.kit.web import idempotency
from app.kit.web.problems import LOST_DATABASE
from app.public_account import answering, followers, menus
from config import messages as message_list
from config import settings
from miniprogram_api.notices import first_pages
from notifications import (
    appeals,
    appointments,
    cases,
    certificates,
    digests,
    invoices,
    library,
    receipts,
    retention,
)
from notifications.campaigns import errands, feeder, tally
from notifications.campaigns import keeping as campaigns
from notifications.campaigns.mass import keeping as mass_keeping
from notifications.campaigns.mass_send import MassSends
from notifications.channels import sms
from notifications.delivery import Delivery
from notifications.inbox import keeping as inbox
from notifications.messages import Messages
from notifications.quota import consultation
from notifications.ration import Ration
from notifications.wording import trying, versions

log = logging.getLogger("weiban.worker")

# The longest a loop sleeps when there is nothing to do, in seconds. With both at their worst a
# message still leaves well within half a second of its commit.
_RELAY_IDLE_S = 0.1
_DELIVERY_IDLE_S = 0.2
_RECEIPTS_IDLE_S = 1.0
_MASS_IDLE_S = 1.0
_CAMPAIGNS_IDLE_S = 0.5
_INVOICES_IDLE_S = 1.0
_TALLY_S = 3
_STOPPED_S = 0.5
_SWEEP_S = 15
_RATION_S = 1
_SEATS_S = 10
_WORDING_S = 1
_DAYS_S = 3600
_PARTNERS_S = 2


async def main() -> None:
    """Work until SIGINT or SIGTERM; then finish what is under way and give the rest back."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for caught in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(caught, stop.set)
    await lifecycle.open_stores()
    if settings.current().worker_metrics_port:
        start_http_server(settings.current().worker_metrics_port, registry=REGISTRY)
    try:
        await register_messages()
        await work(stop)
    finally:
        await lifecycle.close_stores()


async def work(stop: asyncio.Event) -> None:
    """Everything a worker does, until ``stop`` is set. No failure of a store or of WeChat ends it."""
    chosen = settings.current()
    messages = Messages(message_list.current())
    ration = Ration()
    delivery = Delivery(wechat.current(), messages, ration=ration)
    mass_sends = MassSends(wechat.current())
    relay = Relay(handlers(messages))

    async def hand_on() -> int:
        handled = await relay.step()
        if handled:
            delivery.bell.ring()
        return handled

    async def feed() -> int:
        moved = await feeder.step(messages)
        if moved:
            delivery.bell.ring()
        return moved

    log.info("the worker %s begins", delivery.owner)
    async with asyncio.TaskGroup() as group:
        for work_of_its_own in (
            repeat("relay", hand_on, stop=stop, idle_s=_RELAY_IDLE_S),
            repeat("delivery", delivery.step, stop=stop, idle_s=_DELIVERY_IDLE_S, bell=delivery.bell),
            repeat("receipts", receipts.apply, stop=stop, idle_s=_RECEIPTS_IDLE_S),
            repeat("mass sends", mass_sends.step, stop=stop, idle_s=_MASS_IDLE_S),
            repeat("campaigns", feed, stop=stop, idle_s=_CAMPAIGNS_IDLE_S),
            repeat("invoices", batch_work.step, stop=stop, idle_s=_INVOICES_IDLE_S),
            every("tally", _TALLY_S, tally.fold, stop=stop),
            every("stopped campaigns", _STOPPED_S, delivery.look, stop=stop),
            every("sweep", _SWEEP_S, delivery.sweep, stop=stop),
            every("ration", _RATION_S, ration.tend, stop=stop),
            every("seats", _SEATS_S, seats.return_expired, stop=stop),
            every("wording", _WORDING_S, messages.refresh, stop=stop),
            every("days", _DAYS_S, prepare_days, stop=stop),
            every("partners", _PARTNERS_S, partners.release, stop=stop),
            jobs().run(chosen.database_url, stop=stop),
            furnish_sandbox(),
        ):
            group.create_task(work_of_its_own)
    try:
        await delivery.close(chosen.shutdown_grace_s)
        await ration.close()
    except Exception as lost:  # noqa: BLE001  Leaving must succeed whatever is gone.
        # Without the database nothing can be given back; the leases run out by themselves.
        log.warning("the worker leaves its leases behind: %s", type(lost).__name__)
    log.info("the worker %s ends", delivery.owner)


def handlers(messages: Messages) -> dict[str, Handler]:
    """Who handles which outbox event."""
    told_of_cases = cases.handlers(messages)
    return {
        **appointments.handlers(messages),
        **appeals.handlers(messages),
        **told_of_cases,
        **invoices.handlers(messages),
        **certificates.handlers(messages),
        **trying.handlers(messages),
        **digests.handlers(messages),
        publishing.PUBLISHED: first_pages.let_go,
        publishing.WITHDRAWN: first_pages.let_go,
        "hall_schedule_changed": _follow_schedule,
        "work_calendar_changed": _follow_calendar,
        "booking_banned": _told_in_the_app,
        groups.FACTS_CHANGED: memberships.follow,
        overdue.OVERDUE: overdue.announce,
        late_specials.OVERDUE: late_specials.announce,
        cases.MOVED: _one_after_the_other(told_of_cases[cases.MOVED], credit_appeals.follow),
    }


def _one_after_the_other(*several: Handler) -> Handler:
    """One handler of what concerns several areas; they succeed or fail together."""

    async def handle(events: Sequence[Event]) -> None:
        for one in several:
            await one(events)

    return handle


def jobs() -> Jobs:
    """The jobs and timed tasks of the house."""
    known = Jobs()
    known.on(followers.RESOLVE_JOB, followers.resolve)
    known.on(groups.TAG_JOB, tagging.run)
    known.on(groups.UNTAG_JOB, tagging.untag_stranger)
    known.on(rule_book.RENEW_JOB, memberships.run)
    known.on(answering.ANSWER_JOB, answering.answer_later)
    known.on(answering.SEND_JOB, answering.send)
    known.on(library.RESYNC_JOB, library.resync)
    known.on(due_dates.RECOUNT_JOB, due_dates.recount)
    known.on(errands.DO_JOB, errands.run)
    for cron, name, task in _TIMED:
        known.timed(cron, name, task)
    return known


async def register_messages() -> None:
    """The wording of this version takes effect, unless the database is away: ``weiban migrate`` did it.

    Raises BadMessages if a version was changed after messages had been sent with it.
    """
    try:
        await versions.register(message_list.current())
    except (*LOST_DATABASE, OSError, PostgresError, OperationalError) as lost:
        log.warning("the message list is not registered: %s", type(lost).__name__)


async def prepare_days() -> None:
    """Make the partitions of the time to come, so that nothing has to wait in a table's rest."""
    await retention.prepare()
    await inbox.PARTS.prepare(inbox.AHEAD)
    await partners.prepare()
    await exchange_calls.PARTS.prepare(exchange_calls.AHEAD)


async def furnish_sandbox() -> None:
    """A sandbox of one machine gets our menu by itself; at WeChat only ``weiban wechat`` changes one."""
    if settings.current().engines != "embedded":
        return
    try:
        await menus.push()
        await library.sync()
    except Exception as failure:  # noqa: BLE001  A worker works without a menu, too.
        log.warning("the sandbox stays without our menu: %s: %s", type(failure).__name__, failure)


async def _clean_up() -> None:
    """Remove what has served its time."""
    await sessions.forget_ended()
    await handoffs.expire()
    await handoffs.purge()
    await scenes.purge()
    await idempotency.forget_old()
    await verification.forget_past()
    await snapshots.forget_unsaved()
    await queued.purge()
    await invoice_batches.purge()
    await lists.purge()
    await digests.purge()
    await mass_keeping.purge()
    await paper_keeping.tidy()
    await case_followers.purge()
    await credit_ratings.forget_faults()
    await files.sweep()


_TIMED: tuple[tuple[str, str, Callable[[], Awaitable[object]]], ...] = (
    ("* * * * *", "issue_reminders", reminders.issue),
    ("* * * * *", "issue_digests", digests.issue),
    ("* * * * *", "ask_for_quota", consultation.consult),
    ("* * * * *", "pull_sms_receipts", sms.pull_receipts),
    ("* * * * *", "release_slots", seats.release_started),
    ("* * * * *", "mark_no_shows", attendance.mark_no_shows),
    ("* * * * *", "close_days", day_end.close_days),
    ("* * * * *", "publish_notices", publishing.publish_due),
    ("* * * * *", "count_readers", reads.fold),
    ("* * * * *", "answer_queued_invoices", queued.answer_due),
    ("*/10 * * * *", "recheck_invoices", rechecks.run),
    ("*/5 * * * *", "end_overdue_specials", due_dates.end_overdue_specials),
    ("*/10 * * * *", "count_silences", due_dates.count_silences),
    ("* * * * *", "tend_partners", partners.tend),
    ("*/10 * * * *", "lapse_prefills", sharing.tidy),
    ("9 0 * * *", "move_certificates_on", expiry.move_on),
    ("59 4 * * *", "forget_prefills", sharing.forget),
    ("5 * * * *", "fill_calendar", holidays.fill_calendar),
    ("7 * * * *", "generate_slots", schedule.generate_ahead),
    ("17 * * * *", "count_figures", counting.count),
    ("27 * * * *", "add_up_months", months.add_up),
    ("29 * * * *", "count_cases", case_counting.count),
    ("*/5 * * * *", "tag_followers", tagging.tag_followers),
    ("23 * * * *", "clean_up", _clean_up),
    ("41 3 * * *", "group_followers", groups.regroup_all),
    ("13 3 * * *", "renew_memberships", memberships.renew_all),
    ("11 4 * * *", "sync_templates", library.sync),
    ("31 4 * * *", "keep_inbox", inbox.keep_house),
    ("17 4 * * *", "keep_messages", retention.keep_house),
    ("53 4 * * *", "keep_exchange_calls", exchange_calls.keep_house),
    ("47 4 * * *", "keep_campaigns", campaigns.reduce),
    ("57 4 * * *", "keep_partners", partners.keep_house),
    ("11 6 * * *", "mark_overdue_connections", overdue.mark),
)


async def _follow_schedule(events: Sequence[Event]) -> None:
    """Slots follow the changed schedules; a change without a hall concerns all of them."""
    changed = {event.payload["hall_id"] for event in events}
    if None in changed:
        await schedule.generate_ahead()
        return
    for rules in await BookingRules.filter(hall_id__in=changed).order_by("hall_id"):
        await schedule.apply(rules.hall_id)


async def _follow_calendar(events: Sequence[Event]) -> None:
    """Slots and the due dates of cases follow a new holiday notice."""
    schedules.forget_calendar()
    await schedule.generate_ahead()
    await due_dates.follow_calendar([day for event in events for day in event.payload["changed_days"]])


async def _told_in_the_app(events: Sequence[Event]) -> None:
    """No message goes out: the mini-program shows a ban where it matters, at the next booking."""
    del events
