-- The change counter that every node's index follows. A sequence would be numbered at insert and visible at commit,
-- so a follower could pass a number that commits later and lose it. This counter is one row, bumped in a deferred
-- trigger: whoever commits first holds the row first, so the order of numbers is the order of commits, without gaps.

CREATE TABLE change_counter (
    only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    n         bigint  NOT NULL
);

-- Kept for seven days. The token tells a database that was restored from a backup from the one the index followed.
CREATE TABLE change (
    n           bigint      PRIMARY KEY,
    failure_id  uuid        NOT NULL,
    token       uuid        NOT NULL DEFAULT gen_random_uuid(),
    at          timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX change_at ON change (at);

-- Row 0, so that an index of an empty library has a token to hold on to.
INSERT INTO change_counter (n) VALUES (0);
INSERT INTO change (n, failure_id) VALUES (0, '00000000-0000-0000-0000-000000000000');

CREATE FUNCTION record_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    next bigint;
BEGIN
    UPDATE change_counter SET n = n + 1 RETURNING n INTO next;
    INSERT INTO change (n, failure_id) VALUES (next, NEW.id);
    PERFORM pg_notify('casebook_change', next::text);
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER failure_change
    AFTER INSERT OR UPDATE ON failure
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION record_change();

INSERT INTO change (n, failure_id)
SELECT row_number() OVER (ORDER BY created_at, id), id FROM failure;

UPDATE change_counter SET n = (SELECT max(n) FROM change);
