-- Somebody has read a record.
INSERT INTO reading (account_id, failure_id, revision, at)
VALUES ('00000000-0000-7000-8000-0000000000a1', '00000000-0000-7000-8000-000000000003', 3, '2026-01-10');
