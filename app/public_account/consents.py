"""Consents to subscribe messages, as WeChat reports them."""

from collections.abc import Iterable

from app.domain.accounts import followers, subscriptions
from app.gateways.wechat import Event
from notifications import grants
from notifications.inbox import cards


async def enter(appid: str, event: Event) -> None:
    """Enter what a person answered to the prompt, or changed in WeChat's settings later.

    Somebody who never logged in, and templates that are not ours, mean nothing here.
    """
    person_id = await followers.person_behind(appid, event.openid)
    if person_id is None:
        return
    await cards.messages().refresh()
    ours = {kind.mp_template_id for kind in cards.messages().kinds()}
    answers = [
        (entry.get("TemplateId", ""), entry.get("SubscribeStatusString", ""))
        for entry in event.entries
        if entry.get("TemplateId") in ours
    ]
    accepted, for_good = list(_with(answers, "accept")), await grants.long_term()
    if event.event == "subscribe_msg_change_event":
        for template_id in _with(answers, "reject"):
            await subscriptions.revoke(person_id, template_id)
        # A switch turned on again allows what was allowed for good, and no single message.
        accepted = [template_id for template_id in accepted if template_id in for_good]
    await subscriptions.grant(
        person_id, appid, accepted, reported_by="callback", occasion=event.once_key, long_term=for_good
    )


def _with(answers: Iterable[tuple[str, str]], status: str) -> Iterable[str]:
    return (template_id for template_id, answer in answers if answer == status)
