"""The template library: what templates our accounts have at WeChat, and whether our messages fit them.

The library is a copy, brought in step once a day and by ``weiban wechat templates sync``. A message is
checked against it before it is sent, so that WeChat is not asked for what it would refuse (47003).
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import orjson

from app.gateways import wechat
from app.gateways.wechat import AccountTemplate
from app.kit import clock, db, jobs
from config.messages import Line, MessageKind
from notifications.messages import Messages, key_on
from notifications.models import Channel
from notifications.wording.facts import examples

log = logging.getLogger("weiban.templates")

RESYNC_JOB: Final = "resync_templates"
# WeChat knows no such template (40037), or not these values for its fields (47003).
DOUBTS: Final = frozenset({40037, 47003})

_LONG_TERM: Final = 3
_READ_AGAIN_AFTER: Final = timedelta(minutes=1)
# A refused campaign refuses thousands of times; one look at WeChat's list answers them all.
_SYNC_AGAIN_AFTER: Final = timedelta(minutes=5)
# WeChat's own texts hold both ``{{thing1.DATA}}`` and ``{ {thing1.DATA} }``.
_FIELD: Final = re.compile(r"([^\n{}]*?)[:：]?[ \t]*\{\s*\{\s*(\w+)\.DATA\s*\}\s*\}")


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync found: how many templates there are, and whose ids are new or gone."""

    count: int
    new: tuple[str, ...]
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A template as the library knows it; ``labels`` holds the label of each field, in order."""

    title: str
    labels: Mapping[str, str]
    choices: Mapping[str, Sequence[str]]
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a message on a channel; a warning harms nobody but should be mended."""

    message: str
    channel: Channel
    text: str
    is_warning: bool = False


async def sync() -> Synced:
    """Copy the templates of both accounts. Raises WeChatRefused or WeChatUnreachable; half is never kept."""
    current = wechat.current()
    found = {
        (current.oa.appid, Channel.TEMPLATE): await current.oa.templates(),
        (current.mp.appid, Channel.SUBSCRIBE): await current.mp.subscribe_templates(),
    }
    new: list[str] = []
    gone: list[str] = []
    async with db.transaction():
        for (appid, channel), templates in found.items():
            new += [one.template_id for one in templates if await _keep(appid, channel, one)]
            gone += await _miss(appid, [one.template_id for one in templates])
    done = Synced(sum(map(len, found.values())), tuple(new), tuple(gone))
    log.info("%s templates, %s new, %s gone", done.count, len(new), len(gone))
    return done


async def resync(payload: Mapping[str, object]) -> None:
    """The job: a sync, unless one was made meanwhile."""
    del payload
    if not await _is_fresh():
        await sync()


async def _is_fresh() -> bool:
    return bool(
        await db.fetch_value(
            "SELECT EXISTS (SELECT 1 FROM wechat_template WHERE synced_at > $1)",
            clock.now() - _SYNC_AGAIN_AFTER,
        )
    )


def lines_of(content: str) -> list[dict[str, str]]:
    """The label and the key of each field in WeChat's text of a template, in order."""
    return [{"label": label.strip(), "key": key} for label, key in _FIELD.findall(content)]


_KEEP = """
INSERT INTO wechat_template
    (appid, template_id, channel, title, content, lines, choices, is_long_term, example, synced_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (appid, template_id) DO UPDATE SET
    channel = excluded.channel, title = excluded.title, content = excluded.content, lines = excluded.lines,
    choices = excluded.choices, is_long_term = excluded.is_long_term, example = excluded.example,
    synced_at = excluded.synced_at, gone_at = NULL
RETURNING xmax = 0 AS is_new
"""


async def _keep(appid: str, channel: Channel, one: AccountTemplate) -> bool:
    return bool(
        await db.fetch_value(
            _KEEP, appid, one.template_id, channel.value, one.title[:100], one.content,
            orjson.dumps(lines_of(one.content)).decode(), orjson.dumps(dict(one.choices)).decode(),
            one.type == _LONG_TERM, one.example, clock.now(),
        )
    )  # fmt: skip


async def _miss(appid: str, still_there: Sequence[str]) -> list[str]:
    rows = await db.fetch(
        "UPDATE wechat_template SET gone_at = $3"
        " WHERE appid = $1 AND gone_at IS NULL AND template_id <> ALL ($2) RETURNING template_id",
        appid, still_there, clock.now(),
    )  # fmt: skip
    return [row["template_id"] for row in rows]


async def read() -> Mapping[str, Template]:
    """The whole library, by template id: a few dozen templates."""
    rows = await db.fetch(
        "SELECT template_id, title, lines, choices, gone_at IS NOT NULL AS is_gone FROM wechat_template"
    )
    return {
        row["template_id"]: Template(
            row["title"],
            {line["key"]: line["label"] for line in orjson.loads(row["lines"])},
            orjson.loads(row["choices"]),
            row["is_gone"],
        )
        for row in rows
    }


async def check(messages: Messages) -> list[Finding]:
    """Everything WeChat would refuse of our messages, judged by the library as it stands."""
    known = await read()
    return [finding for kind in messages.kinds() for finding in _all_findings(kind, known)]


async def objections(kind: MessageKind) -> list[Finding]:
    """Everything WeChat would refuse of one message, judged by the library as it stands."""
    return list(_all_findings(kind, await read()))


def _all_findings(kind: MessageKind, known: Mapping[str, Template]) -> Iterator[Finding]:
    for channel, template_id in (
        (Channel.TEMPLATE, kind.template_id),
        (Channel.SUBSCRIBE, kind.mp_template_id),
    ):
        yield from _findings(kind, channel, template_id, known.get(template_id))


def _findings(
    kind: MessageKind, channel: Channel, template_id: str, template: Template | None
) -> Iterator[Finding]:
    if template is None or template.is_gone:
        yield Finding(kind.name, channel, f"账号里没有模板 {template_id}，请在微信后台添加，或改正模板 id")
        return
    if template.title != kind.title:
        words = f"标题是“{kind.title}”，微信模板的标题是“{template.title}”"
        yield Finding(kind.name, channel, words, is_warning=True)
    by_key = {key_on(line, channel): line for line in kind.lines}
    for key, label in template.labels.items():
        if key not in by_key:
            yield Finding(kind.name, channel, f"缺少模板的字段 {key}（{label}）")
    for key, line in by_key.items():
        if key not in template.labels:
            yield Finding(kind.name, channel, f"“{line.label}”的字段 {key} 不在模板里")
        else:
            yield from _findings_of_choice(kind, channel, line, template.choices.get(key, ()))


def _findings_of_choice(
    kind: MessageKind, channel: Channel, line: Line, choices: Sequence[str]
) -> Iterator[Finding]:
    for example in examples(line.text) if choices else ():
        if example not in choices:
            words = f"“{line.label}”的内容“{example}”不在微信允许的取值里：{'、'.join(choices)}"
            yield Finding(kind.name, channel, words)


class Library:
    """The library as one process remembers it, read again every minute."""

    def __init__(self) -> None:
        self._known: Mapping[str, Template] = {}
        self._read_again_at = self._doubt_again_at = clock.now()

    async def refresh(self) -> None:
        """Read again what may have changed."""
        if clock.now() >= self._read_again_at:
            self._known = await read()
            self._read_again_at = clock.now() + _READ_AGAIN_AFTER

    async def doubt(self, errcode: int | None) -> None:
        """WeChat refused a message: if the copy may be at fault, have it brought in step soon.

        In the caller's transaction, and once in a while: one sync answers for thousands of refusals.
        """
        now = clock.now()
        if errcode in DOUBTS and now >= self._doubt_again_at and not await _is_fresh():
            self._doubt_again_at = now + _SYNC_AGAIN_AFTER
            await jobs.enqueue(RESYNC_JOB, {})

    def objection(self, template_id: str, values: Mapping[str, str]) -> str | None:
        """Why WeChat would refuse these values, or ``None``; of an unknown template WeChat is the judge.

        A template that has gone is not objected to: its id may have come back since the last sync.
        """
        template = self._known.get(template_id)
        if template is None or template.is_gone:
            return None
        if values.keys() != template.labels.keys():
            differing = sorted(values.keys() ^ template.labels.keys())
            return f"template {template_id} and the message differ in {', '.join(differing)}"
        wrong = sorted(
            key for key, choices in template.choices.items() if key in values and values[key] not in choices
        )
        return f"template {template_id} has no such choice for {', '.join(wrong)}" if wrong else None
