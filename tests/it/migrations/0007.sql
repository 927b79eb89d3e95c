-- A draft in review, what was said about it, and a letter that tells of it.
INSERT INTO draft (id, failure_id, author_id, author_name, status, title, form, version, created_at, saved_at, submitted_at)
VALUES ('00000000-0000-7000-8000-0000000000e1', '00000000-0000-7000-8000-0000000000f1',
        '00000000-0000-7000-8000-0000000000a1', 'Ada', 'in_review', 'A draft', 'title=A+draft', 2, '2026-01-09', '2026-01-09',
        '2026-01-09');
INSERT INTO review_event (draft_id, n, at, actor_id, actor_name, kind, field, words)
VALUES ('00000000-0000-7000-8000-0000000000e1', 1, '2026-01-09', '00000000-0000-7000-8000-0000000000a1', 'Ada', 'submitted',
        NULL, '');
INSERT INTO letter (id, recipient, subject, body, created_at, next_at)
VALUES ('00000000-0000-7000-8000-0000000000f2', 'ada@example.com', 'A draft', 'It waits for review.', '2026-01-09', '2026-01-09');
