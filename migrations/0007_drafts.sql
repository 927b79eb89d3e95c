-- What is being written, and its way through review. A draft becomes a revision when it is published; until then nothing
-- of it is in `failure`, so nothing of it can be found, listed or matched.

CREATE TABLE draft (
    id            uuid        PRIMARY KEY,
    -- The record that it will be, or that it changes.
    failure_id    uuid        NOT NULL,
    -- The revision that it was begun from; none for a new story.
    base          integer     CHECK (base >= 1),
    -- None for a visitor without an account.
    author_id     uuid        REFERENCES account (id) ON DELETE SET NULL,
    author_name   text        NOT NULL,
    status        text        NOT NULL CHECK (status IN ('draft', 'in_review', 'published', 'withdrawn')),
    -- For the lists; it may be empty.
    title         text        NOT NULL,
    -- The form as it was sent, so that what is not right yet survives as well.
    form          text        NOT NULL,
    -- Counts the saves: whoever saves on an older one is told.
    version       integer     NOT NULL CHECK (version >= 1),
    -- The page that saved it last: its own saves are never in its way, even if it has missed the answer to one.
    saved_from    text        NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL,
    saved_at      timestamptz NOT NULL,
    submitted_at  timestamptz
);

CREATE INDEX draft_author ON draft (author_id, status);
CREATE INDEX draft_status ON draft (status, submitted_at);
CREATE INDEX draft_failure ON draft (failure_id);

-- The conversation about a draft: who did or said what, when.
CREATE TABLE review_event (
    draft_id    uuid        NOT NULL REFERENCES draft (id) ON DELETE CASCADE,
    n           integer     NOT NULL CHECK (n >= 1),
    at          timestamptz NOT NULL,
    actor_id    uuid        REFERENCES account (id) ON DELETE SET NULL,
    actor_name  text        NOT NULL,
    kind        text        NOT NULL CHECK (kind IN ('submitted', 'commented', 'changes_asked', 'taken_back', 'published', 'declined')),
    -- The path of a field, such as root_cause; none for the whole.
    field       text,
    words       text        NOT NULL,
    PRIMARY KEY (draft_id, n)
);

-- Letters that wait to be sent. Written in the transaction of what they tell of, so that none is lost and none is early.
CREATE TABLE letter (
    id          uuid        PRIMARY KEY,
    recipient   text        NOT NULL,
    subject     text        NOT NULL,
    body        text        NOT NULL,
    created_at  timestamptz NOT NULL,
    attempts    integer     NOT NULL DEFAULT 0,
    next_at     timestamptz NOT NULL,
    sent_at     timestamptz,
    failed_at   timestamptz
);

CREATE INDEX letter_waiting ON letter (next_at) WHERE sent_at IS NULL AND failed_at IS NULL;

-- Where the links of letters lead: kept up by the nodes that send letters. While nobody keeps it up, no letters are written.
CREATE TABLE post_office (
    -- There is one, or none.
    one      boolean     PRIMARY KEY DEFAULT true CHECK (one),
    site     text        NOT NULL,
    seen_at  timestamptz NOT NULL
);

-- Proofs of work that a submission was paid with. Each is good once; they are forgotten when they would be too old anyway.
CREATE TABLE spent_work (
    challenge  uuid        PRIMARY KEY,
    at         timestamptz NOT NULL
);

CREATE INDEX spent_work_at ON spent_work (at);
