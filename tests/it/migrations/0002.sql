-- A story saved after the change counter came.
INSERT INTO address (kind, slug, failure_id) VALUES ('story', 'a-third-story', '00000000-0000-7000-8000-000000000003');
INSERT INTO failure (id, kind, slug, status, latest_revision, created_at, published_at) VALUES
    ('00000000-0000-7000-8000-000000000003', 'story', 'a-third-story', 'published', 1, '2026-01-04', '2026-01-04');
INSERT INTO revision (
    failure_id, number, saved_at, title, summary, symptom, root_cause, contributing_factors, remediation, rules, category,
    technologies, "references", translations, aliases, organization, impact, timeline, lessons, action_items)
VALUES
    ('00000000-0000-7000-8000-000000000003', 1, '2026-01-04', 'A third story', 's', 's', 'r', '{}', 'r', '[]', 'network', '{}',
     '[]', '[]', '{}', 'Example', '', '[]', '', '[]');
