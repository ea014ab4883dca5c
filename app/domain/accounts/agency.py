"""Acting for an enterprise: people bind themselves in a role, for a year, several to one enterprise (E03)."""

from datetime import date
from uuid import UUID

from app.domain.accounts import groups, identities, rules
from app.domain.accounts.errors import AgentMismatch, BindingNotFound, EnterpriseUnknown, RealNameRequired
from app.domain.accounts.models import AgentRole, BindingStatus, EnterpriseBinding, Person
from app.domain.accounts.sessions import Citizen
from app.gateways import exchange
from app.kit import audit, clock, crypto, db, ids, limits

USCC = "uscc"
"""Purpose of the keyed hash by which an enterprise is found again."""

_CHECKS_AN_HOUR = 30  # Nobody may use the registry to find out who works where.

_ENTERPRISE = """
INSERT INTO enterprise (id, uscc_sealed, uscc_hash, name) VALUES ($1, $2, $3, $4)
ON CONFLICT (uscc_hash) DO UPDATE SET name = excluded.name RETURNING id
"""
_BINDING = """
INSERT INTO enterprise_binding (id, person_id, enterprise_id, role, status, expires_on)
VALUES ($1, $2, $3, $4, 'active', $5)
ON CONFLICT (person_id, enterprise_id, role) WHERE status = 'active'
DO UPDATE SET expires_on = excluded.expires_on RETURNING id
"""


async def bind(citizen: Citizen, uscc: str, role: AgentRole) -> UUID:
    """Bind the person to an enterprise whose registration names them in this role; answers the binding.

    Binding again in the same role renews it. Raises UsccInvalid, RealNameRequired,
    EnterpriseUnknown, AgentMismatch, TooOften or ExchangeDown.
    """
    code = rules.uscc(uscc)
    rules.check_may_bind(citizen.level)
    name = await _confirmed_name(citizen, code, role)
    async with db.transaction():
        await identities.locked(citizen.person_id)
        enterprise_id = await db.fetch_value(
            _ENTERPRISE, ids.uuid7(), crypto.seal(code), crypto.lookup_hash(code, USCC), name
        )
        expires_on: date = rules.last_day_of_binding(clock.today())
        binding_id: UUID = await db.fetch_value(
            _BINDING, ids.uuid7(), citizen.person_id, enterprise_id, role.value, expires_on
        )
        await audit.record(
            citizen.caller_id, "enterprise.bound", f"enterprise:{enterprise_id}", detail={"role": role.value}
        )
        await groups.regroup([citizen.person_id])
    return binding_id


async def unbind(citizen: Citizen, binding_id: UUID) -> None:
    """End a binding of one's own; sessions acting for that enterprise fall back to the person.

    Raises BindingNotFound.
    """
    async with db.transaction():
        own = EnterpriseBinding.filter(
            id=binding_id, person_id=citizen.person_id, status=BindingStatus.ACTIVE
        )
        if not await own.update(status=BindingStatus.UNBOUND, ended_at=clock.now()):
            raise BindingNotFound
        await audit.record(citizen.caller_id, "enterprise.unbound", f"binding:{binding_id}")
        await groups.regroup([citizen.person_id])


async def _confirmed_name(citizen: Citizen, code: str, role: AgentRole) -> str:
    person = await Person.get(id=citizen.person_id)
    if person.id_number_sealed is None:
        raise RealNameRequired
    id_number = crypto.unseal(person.id_number_sealed)
    await limits.hit("agent", citizen.caller_id, allowance=_CHECKS_AN_HOUR, per_s=3600, closed=True)
    checked = await exchange.identity().check_agent(code, id_number, role.value)
    if checked.outcome is exchange.Outcome.MISMATCH:
        raise AgentMismatch
    if checked.enterprise_name is None:
        raise EnterpriseUnknown
    return checked.enterprise_name
