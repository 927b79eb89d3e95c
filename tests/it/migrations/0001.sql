-- A pattern, and a story with two revisions that is an instance of it.
INSERT INTO failure (id, kind, slug, status, latest_revision, created_at, published_at) VALUES
    ('00000000-0000-7000-8000-000000000001', 'pattern', 'range-exhausted', 'published', 1, '2026-01-01', '2026-01-01'),
    ('00000000-0000-7000-8000-000000000002', 'story', 'no-addresses', 'published', 2, '2026-01-02', '2026-01-02');
INSERT INTO address (kind, slug, failure_id) VALUES
    ('pattern', 'range-exhausted', '00000000-0000-7000-8000-000000000001'),
    ('story', 'no-addresses', '00000000-0000-7000-8000-000000000002'),
    ('story', 'no-addresses-before', '00000000-0000-7000-8000-000000000002');
INSERT INTO revision (
    failure_id, number, saved_at, title, summary, symptom, root_cause, contributing_factors, remediation, rules, category,
    technologies, "references", translations, aliases, organization, started_at, started_precision, impact, timeline, lessons,
    action_items)
VALUES
    ('00000000-0000-7000-8000-000000000001', 1, '2026-01-01', 'Range exhausted', 's', 's', 'r', '{}', 'r', '[]', 'capacity',
     '{kubernetes}', '[]', '[]', '{"Out of addresses"}', NULL, NULL, NULL, '', '[]', '', '[]'),
    ('00000000-0000-7000-8000-000000000002', 1, '2026-01-02', 'No addresses left', 's', 's', 'r', '{}', 'r',
     '[{"kind": "log", "name": "n", "text": "set: {}"}]', 'capacity', '{}', '[]', '[]', '{}', 'Example', '2020-01-01', 'year', '',
     '[{"at": "Friday", "text": "It began."}]', '', '[]'),
    ('00000000-0000-7000-8000-000000000002', 2, '2026-01-03', 'No addresses left, told again', 's', 's', 'r', '{}', 'r', '[]',
     'capacity', '{}', '[]', '[]', '{}', 'Example', '2020-01-01', 'year', '', '[]', '', '[]');
INSERT INTO revision_pattern (failure_id, number, position, pattern_id) VALUES
    ('00000000-0000-7000-8000-000000000002', 2, 1, '00000000-0000-7000-8000-000000000001');
