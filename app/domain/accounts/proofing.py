"""Proofs of who a person is: the phone WeChat vouches for, the name a registry confirms (E02, SM-IDV)."""

from tortoise.exceptions import IntegrityError

from app.domain.accounts import groups, identities, rules
from app.domain.accounts.errors import IdNumberTaken, PhoneNeedsMiniProgram, RealNameMismatch, RealNameUnknown
from app.domain.accounts.models import IdentityLevel, Person
from app.domain.accounts.sessions import Citizen
from app.gateways import exchange, wechat
from app.kit import audit, clock, crypto, db, limits

ID_NUMBER, PHONE = "id_number", "phone"
"""Purposes of the keyed hashes by which a person is found again."""

_CHECKS_AN_HOUR = 10  # Nobody may use the registry to find out whose ID number one is.


async def prove_phone(citizen: Citizen, code: str) -> None:
    """Bind the phone number behind a ``getPhoneNumber`` code.

    Raises PhoneNeedsMiniProgram, CodeInvalid, AskedTooOften or WeChatDown.
    """
    mini_program = wechat.current().mp
    openid = await identities.openid_of(citizen.person_id, mini_program.appid)
    if openid is None:
        raise PhoneNeedsMiniProgram
    phone = await mini_program.phone_number(code, openid)
    async with db.transaction():
        person = await identities.locked(citizen.person_id)
        person.level = rules.raised(person.level, IdentityLevel.PHONE_VERIFIED)
        person.phone_sealed = crypto.seal(phone)
        person.phone_hash = crypto.lookup_hash(phone, PHONE)
        person.phone_verified_at = clock.now()
        await person.save()
        await audit.record(citizen.caller_id, "person.phone_proved", citizen.caller_id)


async def prove_real_name(citizen: Citizen, name: str, id_number: str) -> None:
    """Confirm name and ID number with the registry; the person is then known at level 1.

    Raises NameInvalid, IdNumberInvalid, RealNameFixed, IdNumberTaken, RealNameMismatch,
    RealNameUnknown, TooOften or ExchangeDown.
    """
    name, number = rules.full_name(name), rules.id_number(id_number, clock.today())
    proved = crypto.lookup_hash(number, ID_NUMBER)
    person = await Person.get(id=citizen.person_id)
    rules.check_same_person(person.id_number_hash, proved)
    await _confirm(citizen, name, number)
    try:
        async with db.transaction():
            person = await identities.locked(citizen.person_id)
            rules.check_same_person(person.id_number_hash, proved)
            person.level = rules.raised(person.level, IdentityLevel.REALNAME_L1)
            person.name_sealed, person.id_number_sealed = crypto.seal(name), crypto.seal(number)
            person.id_number_hash = proved
            person.real_name_at = clock.now()
            await person.save()
            await audit.record(citizen.caller_id, "person.real_name_proved", citizen.caller_id)
            await groups.regroup([citizen.person_id])
    except IntegrityError as double:
        # The database holds an ID number for one living person, whoever came first.
        raise IdNumberTaken from double


async def _confirm(citizen: Citizen, name: str, number: str) -> None:
    await limits.hit("real_name", citizen.caller_id, allowance=_CHECKS_AN_HOUR, per_s=3600, closed=True)
    checked = await exchange.identity().check_person(name, number)
    if checked.outcome is exchange.Outcome.MISMATCH:
        raise RealNameMismatch
    if checked.outcome is exchange.Outcome.UNKNOWN:
        raise RealNameUnknown
