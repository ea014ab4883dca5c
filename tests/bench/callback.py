"""WeChat's callback: a sealed text message verified, opened, claimed once, and answered sealed."""

import secrets
from collections.abc import Callable, Iterator
from itertools import count
from urllib.parse import urlencode

import asyncpg

from app.gateways.wechat.accounts import Account
from app.gateways.wechat.envelope import Envelope, signature
from app.gateways.wechat.replies import Text
from app.kit import clock
from app.public_account.conversation import hints
from config import settings
from config.database import credentials
from tests.bench import load, open_loop
from tests.bench.contest import Contestant
from tests.bench.dataset import statements
from tests.bench.servers import WORKERS, Site, free_port

PEOPLE = 5_000
PACE_PER_S = 500
_PACED_S = 10.0
# More than either contestant answers in a second; a round that runs out of messages ends early.
_MOST_PER_S = 9_000

_ids = count(1)


class Callbacks:
    """Our server and the bare one, and the messages they are sent. No message is ever sent twice."""

    def __init__(self, site: Site, tell: Callable[[str], None]) -> None:
        self._site = site
        self._tell = tell
        self._port = 0
        self._account: Account | None = None

    async def ours(self, words: str) -> Contestant:
        """Our server answers these words."""
        return self._asker(await self._our_port(), words)

    async def bare(self, words: str) -> Contestant:
        """The bare handler gives the answer we give to 帮助."""
        await self._our_port()
        port, account = free_port(), self._known
        known = await hints.tell(None, "")  # type: ignore[arg-type]  # It looks at nobody.
        assert isinstance(known, Text)
        told = {"BARE_AES_KEY": account.aes_key, "BARE_APPID": account.appid, "BARE_CONTENT": known.content}
        await self._site.serve(
            "bare_callback", port, "tests.bench.bare_callback", str(port), environment=told
        )
        return self._asker(port, words)

    async def paced(self, words: str) -> load.Outcome:
        """Our server under a steady stream that waits for nobody."""
        port = await self._our_port()
        return await open_loop.pace(port, self._messages(words, int(PACE_PER_S * _PACED_S)), PACE_PER_S)

    @property
    def _known(self) -> Account:
        assert self._account is not None
        return self._account

    async def _our_port(self) -> int:
        if not self._port:
            url = await self._site.make_database("callback")
            self._account = Account.public_account(settings.current())
            await self._fill(url)
            port = free_port()
            await self._site.serve_ours("callback", port, url, {"conversation_per_minute": "100000000"})
            self._port = port
        return self._port

    async def _fill(self, url: str) -> None:
        connection = await asyncpg.connect(**credentials(url))
        try:
            await connection.execute(statements("callback", people=PEOPLE, appid=self._known.appid))
            await connection.execute("VACUUM (ANALYZE)")
        finally:
            await connection.close()

    def _asker(self, port: int, words: str) -> Contestant:
        async def work(seconds: float) -> float:
            messages = self._messages(words, int(_MOST_PER_S * seconds))
            outcome = await load.drive(port, iter(messages), seconds, expect=200)
            return outcome.rate

        return work

    def _messages(self, words: str, amount: int) -> list[bytes]:
        """Ready requests, sealed now: their timestamps must be inside the replay window."""
        account, at = self._known, str(int(clock.now().timestamp()))
        return list(_sealed(account, words, at, amount))


def _sealed(account: Account, words: str, at: str, amount: int) -> Iterator[bytes]:
    envelope = Envelope(account)
    for number in (next(_ids) for _ in range(amount)):
        openid = f"o{1 + number % PEOPLE:027d}"
        message = (
            f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[{openid}]]></FromUserName>"
            f"<CreateTime>{at}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
            f"<Content><![CDATA[{words}]]></Content><MsgId>{7_000_000_000_000_000 + number}</MsgId></xml>"
        )
        encrypted, nonce = envelope.encrypt(message.encode()), str(secrets.randbelow(10**10))
        query = urlencode(
            {
                "signature": signature(account.token, at, nonce),
                "timestamp": at,
                "nonce": nonce,
                "openid": openid,
                "encrypt_type": "aes",
                "msg_signature": signature(account.token, at, nonce, encrypted),
            }
        )
        body = (
            f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        )
        yield (
            f"POST /wechat/oa?{query} HTTP/1.1\r\nhost: localhost\r\nuser-agent: Mozilla/4.0\r\n"
            f"content-type: text/xml\r\ncontent-length: {len(body)}\r\n\r\n{body}"
        ).encode()


NOTES = f"a sealed text verified, opened, claimed and answered sealed; {WORKERS} server workers"
