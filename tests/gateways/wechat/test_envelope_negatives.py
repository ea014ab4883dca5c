"""Each known sealed message, spoilt in every way one can think of: always the one refusal."""

import base64
import itertools
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from app.gateways.wechat import Account, BadEnvelope
from app.gateways.wechat.envelope import Envelope, signature
from app.kit import clock

_AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
_SOME_KEY = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"


@dataclass(frozen=True)
class Known:
    """A sealed message that somebody else published, and the account it was sealed for."""

    account: Account
    sealed: str

    @property
    def _cipher(self) -> Cipher[CBC]:
        key = base64.b64decode(self.account.aes_key + "=")
        return Cipher(AES(key), CBC(key[:16]))

    @property
    def plain(self) -> bytes:
        """Everything inside, padding included."""
        opener = self._cipher.decryptor()
        return opener.update(base64.b64decode(self.sealed)) + opener.finalize()

    @property
    def message(self) -> bytes:
        (length,) = struct.unpack(">I", self.plain[16:20])
        return self.plain[20 : 20 + length]

    def sealing(self, plain: bytes) -> str:
        sealer = self._cipher.encryptor()
        return base64.b64encode(sealer.update(plain) + sealer.finalize()).decode()

    def opened(self, sealed: str, *, signed: str | None = None) -> bytes:
        """What our server makes of it at this moment; ``signed`` is the ciphertext the signature is for."""
        timestamp = str(int(_AT.timestamp()))
        msg_signature = signature(self.account.token, timestamp, "n", signed or sealed)
        query = {"timestamp": timestamp, "nonce": "n", "msg_signature": msg_signature}
        with clock.frozen(_AT):
            return Envelope(self.account).open(json.dumps({"Encrypt": sealed}).encode(), query).message


def _known() -> Iterator[Any]:
    for vector in json.loads((Path(__file__).parent / "vectors.json").read_text()):
        sealed = vector["input"].get("body", vector["expected"])
        if isinstance(sealed, dict) and "Encrypt" in sealed:
            key = vector["key"]
            account = Account(key["appid"], "s", key["token"], key["encoding_aes_key"])
            yield pytest.param(Known(account, sealed["Encrypt"]), id=vector["id"])


@pytest.fixture(params=_known())
def known(request: pytest.FixtureRequest) -> Known:
    found: Known = request.param
    return found


def _padded(body: bytes, pad: int | None = None) -> bytes:
    pad = pad or 32 - len(body) % 32
    return body + bytes([pad]) * pad


def _refuses(known: Known, sealed: str, **options: Any) -> None:
    with pytest.raises(BadEnvelope) as refusal:
        known.opened(sealed, **options)
    assert str(refusal.value) == "not a genuine WeChat message"


def test_it_opens_as_it_is(known: Known) -> None:
    assert known.opened(known.sealed) == known.message


def test_a_flipped_byte_anywhere_in_the_first_and_last_blocks_breaks_the_signature(known: Known) -> None:
    raw = base64.b64decode(known.sealed)
    for place in itertools.chain(range(32), range(len(raw) - 32, len(raw))):
        spoilt = bytearray(raw)
        spoilt[place] ^= 0x80
        _refuses(known, base64.b64encode(spoilt).decode(), signed=known.sealed)


def test_even_rightly_signed_a_spoilt_end_does_not_open(known: Known) -> None:
    raw = base64.b64decode(known.sealed)
    for place in range(len(raw) - 32, len(raw)):
        spoilt = bytearray(raw)
        spoilt[place] ^= 0x01
        _refuses(known, base64.b64encode(spoilt).decode())


def test_even_rightly_signed_a_spoilt_length_does_not_open(known: Known) -> None:
    raw = base64.b64decode(known.sealed)
    for place in range(4):
        # A bit of a block's ciphertext is the same bit of the next block's plain text: here, the length.
        spoilt = bytearray(raw)
        spoilt[place] ^= 0x01
        _refuses(known, base64.b64encode(spoilt).decode())


@pytest.mark.parametrize("lie", [-1, 1, 2, 18, 19, 2**16, 2**31, 2**32 - 1])
def test_a_length_that_lies_either_way_does_not_open(known: Known, lie: int) -> None:
    length = (len(known.message) + lie) % 2**32
    tail = known.plain[20 : -known.plain[-1]]
    _refuses(known, known.sealing(_padded(known.plain[:16] + struct.pack(">I", length) + tail)))


@pytest.mark.parametrize("appid", ["", "wx", "{}0", "0{}", "{} ", "{}\0", "wx0000000000000000"])
def test_another_receiver_does_not_open(known: Known, appid: str) -> None:
    foreign = appid.format(known.account.appid).encode()
    head = known.plain[:20] + known.message
    _refuses(known, known.sealing(_padded(head + foreign)))


@pytest.mark.parametrize("appid", [str.upper, str.swapcase, lambda text: text[:-1], lambda text: text[1:]])
def test_a_receiver_that_only_looks_alike_does_not_open(known: Known, appid: Any) -> None:
    foreign = appid(known.account.appid).encode()
    _refuses(known, known.sealing(_padded(known.plain[:20] + known.message + foreign)))


@pytest.mark.parametrize("last", [0, 33, 34, 64, 128, 255])
def test_a_padding_out_of_bounds_does_not_open(known: Known, last: int) -> None:
    _refuses(known, known.sealing(known.plain[:-1] + bytes([last])))
    if last:
        body = known.plain[: -known.plain[-1]]
        whole = _padded(body, last)
        # Consistent in itself, but no padding to 32: made to fit AES by random bytes in front.
        _refuses(known, known.sealing(b"r" * (-len(whole) % 16) + whole))


def test_an_inconsistent_padding_does_not_open(known: Known) -> None:
    pad = known.plain[-1]
    for place in range(2, pad + 1):
        spoilt = bytearray(known.plain)
        spoilt[-place] ^= 0x01
        _refuses(known, known.sealing(bytes(spoilt)))


def test_a_padding_over_everything_does_not_open(known: Known) -> None:
    for size in (16, 32, 48):
        _refuses(known, known.sealing(b"\x20" * size))
        _refuses(known, known.sealing(b"\x10" * size))


def test_every_part_of_it_alone_does_not_open(known: Known) -> None:
    raw = base64.b64decode(known.sealed)
    for size in range(0, len(raw), 16):
        _refuses(known, base64.b64encode(raw[:size]).decode())
        if size:
            _refuses(known, base64.b64encode(raw[size:]).decode())
    for size in (1, 15, 17, 31, len(raw) - 1):
        _refuses(known, base64.b64encode(raw[:size]).decode())


@pytest.mark.parametrize(
    "spoil", ["{}=", "={}", "{}\n", " {}", "{}A", "{}%", "%{}", "{}密", "{}\u0000", "-{}", "_{}"]
)
def test_what_is_not_strict_base64_does_not_open(known: Known, spoil: str) -> None:
    _refuses(known, spoil.format(known.sealed))


def test_another_key_or_token_does_not_open_it(known: Known) -> None:
    own = known.account
    stranger = Known(Account(own.appid, "s", own.token, _SOME_KEY), known.sealed)
    if own.aes_key != _SOME_KEY:
        _refuses(stranger, known.sealed)
    for token in ("", "x", own.token + "x", own.token.swapcase() + "1"):
        timestamp = str(int(_AT.timestamp()))
        query = {"timestamp": timestamp, "nonce": "n"}
        query["msg_signature"] = signature(token, timestamp, "n", known.sealed)
        with clock.frozen(_AT), pytest.raises(BadEnvelope):
            Envelope(own).open(json.dumps({"Encrypt": known.sealed}).encode(), query)
