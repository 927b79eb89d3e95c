-- Who may do what: accounts, the ways in, and the log of what was done. Whatever lets somebody in (session, token, link)
-- is kept as the SHA-256 of a random value that only its holder has.

CREATE TABLE account (
    id             uuid        PRIMARY KEY,
    name           text        NOT NULL CHECK (name <> ''),
    email          text        NOT NULL CHECK (email <> ''),
    role           text        NOT NULL CHECK (role IN ('reader', 'author', 'editor', 'admin')),
    -- PHC string; none for those who log in elsewhere only.
    password_hash  text,
    -- Who an OpenID provider says it is.
    oidc_issuer    text,
    oidc_subject   text,
    created_at     timestamptz NOT NULL,
    disabled_at    timestamptz,
    -- By e-mail, about what concerns one.
    notified       boolean     NOT NULL DEFAULT true,
    CHECK ((oidc_issuer IS NULL) = (oidc_subject IS NULL)),
    UNIQUE (oidc_issuer, oidc_subject)
);

CREATE UNIQUE INDEX account_email ON account (lower(email));

-- A link that is good once: to set Casebook up, to join, or to choose a new password.
CREATE TABLE entry_link (
    id           uuid        PRIMARY KEY,
    token_hash   bytea       NOT NULL UNIQUE,
    purpose      text        NOT NULL CHECK (purpose IN ('setup', 'invitation', 'reset')),
    account_id   uuid        REFERENCES account (id) ON DELETE CASCADE,
    email        text,
    role         text        CHECK (role IN ('reader', 'author', 'editor', 'admin')),
    created_by   uuid        REFERENCES account (id) ON DELETE SET NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    used_at      timestamptz,
    CHECK ((purpose = 'reset') = (account_id IS NOT NULL)),
    CHECK ((purpose = 'reset') = (role IS NULL))
);

CREATE TABLE session (
    id           uuid        PRIMARY KEY,
    token_hash   bytea       NOT NULL UNIQUE,
    account_id   uuid        NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    created_at   timestamptz NOT NULL,
    -- Moved at most once a minute.
    seen_at      timestamptz NOT NULL,
    -- Whatever happens, it ends then; it ends earlier when it has not been seen for long.
    ends_at      timestamptz NOT NULL,
    user_agent   text        NOT NULL,
    address      text        NOT NULL
);

CREATE INDEX session_account ON session (account_id);

CREATE TABLE api_token (
    id            uuid        PRIMARY KEY,
    account_id    uuid        NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    name          text        NOT NULL CHECK (name <> ''),
    token_hash    bytea       NOT NULL UNIQUE,
    scope         text        NOT NULL CHECK (scope IN ('read', 'write')),
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    last_used_at  timestamptz,
    revoked_at    timestamptz
);

CREATE INDEX api_token_account ON api_token (account_id);

-- How often something was tried of late: logins for an account, logins from an address, submissions from an address.
-- The key is a hash, so that the table tells nobody's address.
CREATE TABLE attempt (
    key      bytea       NOT NULL,
    at       timestamptz NOT NULL
);

CREATE INDEX attempt_key ON attempt (key, at);
CREATE INDEX attempt_at ON attempt (at);

-- Who did what, when. Names are kept as they were: an account may be renamed or removed.
CREATE TABLE audit (
    n           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL,
    actor_id    uuid,
    actor_name  text        NOT NULL,
    action      text        NOT NULL,
    subject     text        NOT NULL,
    detail      text        NOT NULL
);

CREATE INDEX audit_at ON audit (at);

CREATE TRIGGER audit_is_append_only
    BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER audit_is_never_emptied
    BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Who saved it; none for imports, for this machine, and for visitors without an account. No foreign key: a revision never
-- changes, whatever becomes of an account.
ALTER TABLE revision ADD COLUMN saved_by uuid;
