-- Pictures in stories. They are decoded and written anew before they come here: nothing of the file that was sent is kept.

CREATE TABLE picture (
    id           uuid        PRIMARY KEY,
    -- The record, published or yet to be, whose text shows it.
    failure_id   uuid        NOT NULL,
    -- SHA-256 of the bytes: the same picture added twice to one record is one.
    digest       bytea       NOT NULL,
    media_type   text        NOT NULL CHECK (media_type IN ('image/png', 'image/jpeg', 'image/webp')),
    width        integer     NOT NULL CHECK (width > 0),
    height       integer     NOT NULL CHECK (height > 0),
    bytes        bytea       NOT NULL,
    added_by     uuid,
    added_at     timestamptz NOT NULL
);

CREATE INDEX picture_failure ON picture (failure_id, digest);

-- They are compressed already; to try it again would only cost time.
ALTER TABLE picture ALTER COLUMN bytes SET STORAGE EXTERNAL;
