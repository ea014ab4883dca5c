-- :people people with sessions, and how a case is called.

INSERT INTO person (id, level, status)
SELECT md5('person' || g)::uuid, 'wx_bound', 'active' FROM generate_series(1, :people) g;

INSERT INTO session (id, token_hash, person_id, expires_at)
SELECT uuidv7(), sha256(convert_to(lpad(g::text, 43, '0'), 'UTF8')), md5('person' || g)::uuid,
       now() + interval '29 days'
FROM generate_series(1, :people) g;

CREATE FUNCTION bench_number(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT '11440106MB2DEMA0293' || lpad((n / 10000)::text, 12, '0') || '20261116' || lpad((n % 10000)::text, 4, '0')
$$;
