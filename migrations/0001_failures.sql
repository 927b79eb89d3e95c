-- Stories and patterns. A record is a row of `failure`; what it says is a row of `revision`, which never changes.

CREATE TABLE failure (
    id                 uuid        PRIMARY KEY,
    kind               text        NOT NULL CHECK (kind IN ('story', 'pattern')),
    slug               text        NOT NULL,
    status             text        NOT NULL CHECK (status IN ('draft', 'in_review', 'published', 'withdrawn')),
    latest_revision    integer     NOT NULL CHECK (latest_revision >= 1),
    created_at         timestamptz NOT NULL,
    published_at       timestamptz,
    withdrawn_at       timestamptz,
    withdrawal_reason  text,
    CHECK (status <> 'published' OR published_at IS NOT NULL),
    CHECK (status <> 'withdrawn' OR withdrawn_at IS NOT NULL)
);

-- Every address that a record ever had. The present one is failure.slug; the others redirect to it.
CREATE TABLE address (
    kind        text NOT NULL,
    slug        text NOT NULL CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 80),
    failure_id  uuid NOT NULL REFERENCES failure (id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (kind, slug),
    UNIQUE (kind, slug, failure_id)
);

ALTER TABLE failure
    ADD CONSTRAINT failure_slug_is_an_address_of_its_own
    FOREIGN KEY (kind, slug, id) REFERENCES address (kind, slug, failure_id)
    DEFERRABLE INITIALLY DEFERRED;

CREATE INDEX address_failure ON address (failure_id);

-- The content. Columns that only stories have are null or empty in patterns, and the other way round.
-- Rows that live and die with their record (timeline, rules, references…) are JSON arrays in it: nothing points at one.
CREATE TABLE revision (
    failure_id            uuid        NOT NULL REFERENCES failure (id),
    number                integer     NOT NULL CHECK (number >= 1),
    saved_at              timestamptz NOT NULL,
    note                  text,
    title                 text        NOT NULL CHECK (title <> ''),
    summary               text        NOT NULL,
    symptom               text        NOT NULL,
    root_cause            text        NOT NULL,
    contributing_factors  text[]      NOT NULL,
    remediation           text        NOT NULL,
    rules                 jsonb       NOT NULL CHECK (jsonb_typeof(rules) = 'array'),
    category              text        NOT NULL,
    technologies          text[]      NOT NULL,
    "references"          jsonb       NOT NULL CHECK (jsonb_typeof("references") = 'array'),
    translations          jsonb       NOT NULL CHECK (jsonb_typeof(translations) = 'array'),
    aliases               text[]      NOT NULL,
    organization          text,
    started_at            timestamptz,
    started_precision     text        CHECK (started_precision IN ('year', 'month', 'day', 'minute')),
    detected_at           timestamptz,
    detected_precision    text        CHECK (detected_precision IN ('year', 'month', 'day', 'minute')),
    resolved_at           timestamptz,
    resolved_precision    text        CHECK (resolved_precision IN ('year', 'month', 'day', 'minute')),
    duration              text,
    severity              text        CHECK (severity IN ('sev1', 'sev2', 'sev3', 'sev4')),
    trigger               text,
    detected_by           text,
    impact                text        NOT NULL,
    timeline              jsonb       NOT NULL CHECK (jsonb_typeof(timeline) = 'array'),
    lessons               text        NOT NULL,
    action_items          jsonb       NOT NULL CHECK (jsonb_typeof(action_items) = 'array'),
    PRIMARY KEY (failure_id, number),
    CHECK ((started_at IS NULL) = (started_precision IS NULL)),
    CHECK ((detected_at IS NULL) = (detected_precision IS NULL)),
    CHECK ((resolved_at IS NULL) = (resolved_precision IS NULL))
);

ALTER TABLE failure
    ADD CONSTRAINT failure_latest_revision_exists
    FOREIGN KEY (id, latest_revision) REFERENCES revision (failure_id, number)
    DEFERRABLE INITIALLY DEFERRED;

-- Which patterns a revision of a story names. By id: a pattern may change its title and its address.
CREATE TABLE revision_pattern (
    failure_id  uuid    NOT NULL,
    number      integer NOT NULL,
    position    integer NOT NULL,
    pattern_id  uuid    NOT NULL REFERENCES failure (id),
    PRIMARY KEY (failure_id, number, position),
    UNIQUE (failure_id, number, pattern_id),
    FOREIGN KEY (failure_id, number) REFERENCES revision (failure_id, number)
);

CREATE INDEX revision_pattern_pattern ON revision_pattern (pattern_id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER revision_is_immutable
    BEFORE UPDATE OR DELETE ON revision
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER revision_pattern_is_immutable
    BEFORE UPDATE OR DELETE ON revision_pattern
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
