"""The region in which reports count a person: of their enterprise, else of a hall they visited."""

from app.domain.audiences import parts
from app.domain.audiences.compiling import Args, Narrow
from app.kit import clock, db

# Of several the first by code, so that it stays the same one from night to night.
_RENEW = """
WITH known AS MATERIALIZED (
    SELECT person_id, coalesce(min(of_enterprise), min(of_hall)) AS region_code FROM (
        SELECT b.person_id, f.region_code AS of_enterprise, NULL AS of_hall
        FROM enterprise_binding b JOIN enterprise_fact f ON f.enterprise_id = b.enterprise_id
        WHERE b.status = 'active' AND b.expires_on >= {today} AND f.region_code IS NOT NULL AND {bindings}
        UNION ALL
        SELECT a.person_id, NULL, h.region_id FROM appointment a JOIN hall h ON h.id = a.hall_id
        WHERE a.starts_at >= {since} AND {visits}
    ) places GROUP BY person_id),
gone AS (
    DELETE FROM person_region r WHERE {regions}
    AND NOT EXISTS (SELECT 1 FROM known k WHERE k.person_id = r.person_id))
INSERT INTO person_region (person_id, region_code)
SELECT k.person_id, k.region_code FROM known k WHERE NOT EXISTS (
    SELECT 1 FROM person_region r WHERE r.person_id = k.person_id AND r.region_code = k.region_code)
ORDER BY k.person_id
ON CONFLICT (person_id) DO UPDATE SET region_code = excluded.region_code
"""


async def renew(narrow: Narrow) -> int:
    """Look anew at where some people belong; answers for how many it is another place or the first."""
    args = Args()
    span = narrow(args)
    statement = _RENEW.format(
        today=args.add(clock.today(), "date"),
        since=parts.since(args),
        bindings=span("b.person_id"),
        visits=span("a.person_id"),
        regions=span("r.person_id"),
    )
    return await db.execute(statement, *args.values)
