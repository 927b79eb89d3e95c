-- An admin with a session, a token and a link, and what they did.
INSERT INTO account (id, name, email, role, password_hash, created_at)
VALUES ('00000000-0000-7000-8000-0000000000a1', 'Ada', 'ada@example.com', 'admin', '$argon2id$', '2026-01-08');
INSERT INTO session (id, token_hash, account_id, created_at, seen_at, ends_at, user_agent, address)
VALUES ('00000000-0000-7000-8000-0000000000b1', '\x01', '00000000-0000-7000-8000-0000000000a1', '2026-01-08', '2026-01-08',
        '2026-01-22', 'a browser', '192.0.2.7');
INSERT INTO api_token (id, account_id, name, token_hash, scope, created_at, expires_at)
VALUES ('00000000-0000-7000-8000-0000000000c1', '00000000-0000-7000-8000-0000000000a1', 'CI', '\x02', 'read', '2026-01-08',
        '2026-04-08');
INSERT INTO entry_link (id, token_hash, purpose, role, created_at, expires_at)
VALUES ('00000000-0000-7000-8000-0000000000d1', '\x03', 'setup', 'admin', '2026-01-08', '2026-01-09');
INSERT INTO attempt (key, at) VALUES ('\x04', '2026-01-08');
INSERT INTO audit (at, actor_id, actor_name, action, subject, detail)
VALUES ('2026-01-08', '00000000-0000-7000-8000-0000000000a1', 'Ada', 'logged-in', 'Ada', '');
