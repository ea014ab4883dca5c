"""A condition as SQL: one set-based statement finds everybody of whom it holds.

PostgreSQL's own three-valued logic says the same as ``judging``: what is unknown puts nobody in.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.domain.accounts.models import IdentityLevel
from app.domain.audiences.conditions import AllOf, AnyOf, Condition, Leaf, Not, OfEnterprise

Span = Callable[[str], str]
"""Narrows a statement to some people: makes a condition of the column that names the person."""

IS_FOLLOWER = (
    "EXISTS (SELECT 1 FROM wechat_identity i WHERE i.person_id = p.id AND i.appid = {oa} AND i.is_follower)"
)
# A group other than the visitors' was reached by a login or a proof; ended sessions are deleted in time.
HAS_LOGGED_IN = (
    "(EXISTS (SELECT 1 FROM session s WHERE s.person_id = p.id)"
    " OR EXISTS (SELECT 1 FROM wechat_identity o LEFT JOIN follower_group g ON g.identity_id = o.id"
    " WHERE o.person_id = p.id AND (o.session_key_sealed IS NOT NULL OR g.taxpayer_group <> 'visitor')))"
)

_PERSON = {
    "level": "p.level",
    "enterprise_count": "coalesce(e.enterprise_count, 0)",
    "has_logged_in": HAS_LOGGED_IN,
}
_ENTERPRISE = {
    "role": "b.role",
    **{
        name: f"f.{name}"
        for name in (
            "taxpayer_type", "is_exporter", "is_individual", "pays_social_insurance", "industry",
            "registered_on", "region_code",
        )
    },
}  # fmt: skip

# Any yes is a yes; else anything unknown is unknown; else no. Whoever acts for nobody has no row here.
_SOME = "CASE WHEN bool_or({0}) THEN true WHEN bool_or(({0}) IS NULL) THEN NULL ELSE false END"

_PEOPLE = """
SELECT p.id FROM person p LEFT JOIN (
    SELECT b.person_id, count(DISTINCT b.enterprise_id) AS enterprise_count{columns}
    FROM enterprise_binding b LEFT JOIN enterprise_fact f ON f.enterprise_id = b.enterprise_id
    WHERE b.status = 'active' AND b.expires_on >= {today} AND {bindings}
    GROUP BY b.person_id
) e ON e.person_id = p.id
WHERE p.status = 'active' AND {people} AND ({condition})
"""


@dataclass(slots=True)
class Args:
    """The arguments of a statement under construction."""

    values: list[Any] = field(default_factory=list)

    def add(self, value: Any, kind: str) -> str:
        """Take a value in and answer its placeholder, e.g. ``$3::text[]``."""
        self.values.append(value)
        return f"${len(self.values)}::{kind}"


Narrow = Callable[[Args], Span]
"""Makes a span of a statement under construction."""


def people(condition: Condition, args: Args, *, today: date, oa_appid: str, span: Span) -> str:
    """A statement whose rows are the ids of all living people of whom the condition holds."""
    compiler = _Compiler(args, args.add(today, "date"), oa_appid)
    said = compiler.of_person(condition)
    return _PEOPLE.format(
        columns="".join(f", {one} AS e{n}" for n, one in enumerate(compiler.of_enterprises)),
        today=compiler.today,
        bindings=span("b.person_id"),
        people=span("p.id"),
        condition=said,
    )


@dataclass(slots=True)
class _Compiler:
    args: Args
    today: str
    oa_appid: str
    of_enterprises: list[str] = field(default_factory=list)

    def of_person(self, condition: Condition) -> str:
        if isinstance(condition, OfEnterprise):
            self.of_enterprises.append(_SOME.format(self._said(condition.part, self.of_enterprise)))
            return f"CASE WHEN e.person_id IS NULL THEN false ELSE e.e{len(self.of_enterprises) - 1} END"
        if isinstance(condition, Leaf):
            return self._test(condition, self._of_person(condition.fact))
        return self._said(condition, self.of_person)

    def of_enterprise(self, condition: Condition) -> str:
        if isinstance(condition, Leaf):
            return self._test(condition, _ENTERPRISE[condition.fact])
        return self._said(condition, self.of_enterprise)

    def _of_person(self, fact: str) -> str:
        if fact == "is_follower":
            return IS_FOLLOWER.format(oa=self.args.add(self.oa_appid, "text"))
        return _PERSON[fact]

    def _said(self, condition: Condition, of: Callable[[Condition], str]) -> str:
        match condition:
            case AllOf(parts):
                return "(" + " AND ".join(of(part) for part in parts) + ")"
            case AnyOf(parts):
                return "(" + " OR ".join(of(part) for part in parts) + ")"
            case Not(part):
                return f"(NOT {of(part)})"
            case _:
                return of(condition)

    def _test(self, leaf: Leaf, fact: str) -> str:
        match leaf.test:
            case "is":
                return f"({fact} = {self.args.add(leaf.value, 'bool' if _is_flag(leaf) else 'text')})"
            case "in":
                return f"({fact} = ANY ({self.args.add(leaf.value, 'text[]')}))"
            case "begins_with":
                return f"({fact} LIKE ANY ({self.args.add([f'{one}%' for one in leaf.value], 'text[]')}))"
            case "within_months":
                months = self.args.add(leaf.value, "int")
                return f"({fact} > {self.today} - make_interval(months => {months}))"
            case _ if leaf.fact == "level":
                wanted = [one for one in IdentityLevel if one.rank >= IdentityLevel(leaf.value).rank]
                return f"({fact} = ANY ({self.args.add([one.value for one in wanted], 'text[]')}))"
            case _:
                return f"({fact} >= {self.args.add(leaf.value, 'int')})"


def _is_flag(leaf: Leaf) -> bool:
    return isinstance(leaf.value, bool)
