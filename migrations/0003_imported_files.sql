-- What an import brought in, so that the next one knows which files are new, which changed,
-- and which records people have edited since and must not be overwritten.

CREATE TABLE imported_file (
    kind        text        NOT NULL CHECK (kind IN ('story', 'pattern')),
    slug        text        NOT NULL,
    failure_id  uuid        NOT NULL REFERENCES failure (id),
    revision    integer     NOT NULL,
    digest      text        NOT NULL,
    imported_at timestamptz NOT NULL,
    PRIMARY KEY (kind, slug),
    FOREIGN KEY (failure_id, revision) REFERENCES revision (failure_id, number)
);
