-- What becomes of a record after it was published: withdrawn with a reason, merged into another, read by somebody.

ALTER TABLE failure
    ADD COLUMN withdrawn_by  uuid,
    -- Where its readers are led: the record that says the same. Merged records are withdrawn ones.
    ADD COLUMN merged_into   uuid REFERENCES failure (id),
    ADD CHECK (merged_into IS NULL OR (status = 'withdrawn' AND merged_into <> id));

CREATE INDEX failure_merged_into ON failure (merged_into) WHERE merged_into IS NOT NULL;

-- What is left in the end of a record that was merged into another, which may have been merged in its turn; of any other
-- record itself. Merges are made one at a time and never in a circle; were there one, this would still end.
CREATE FUNCTION kept_record(merged uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
    WITH RECURSIVE way AS (
        SELECT id, merged_into
        FROM failure
        WHERE id = merged
        UNION
        SELECT f.id, f.merged_into
        FROM way
        JOIN failure f ON f.id = way.merged_into
    )
    SELECT id
    FROM way
    WHERE merged_into IS NULL
$$;

-- Which revision somebody read last, and when.
CREATE TABLE reading (
    account_id  uuid        NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    failure_id  uuid        NOT NULL REFERENCES failure (id) ON DELETE CASCADE,
    revision    integer     NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (account_id, failure_id)
);

-- For feeds: what was saved of late.
CREATE INDEX revision_saved_at ON revision (saved_at);
