-- A revision with facts, a reference with a copy, and a translation with a summary.
UPDATE failure SET latest_revision = 3 WHERE id = '00000000-0000-7000-8000-000000000003';
INSERT INTO revision (
    failure_id, number, saved_at, title, summary, symptom, root_cause, contributing_factors, remediation, rules, category,
    technologies, "references", translations, checks, aliases, organization, impact, timeline, lessons, action_items, facts)
VALUES
    ('00000000-0000-7000-8000-000000000003', 3, '2026-01-07', 'A third story', 's', 's', 'r', '{}', 'r', '[]', 'network', '{}',
     '[{"kind": "report", "url": "https://example.com", "archived": "https://example.org", "language": "en"}]',
     '[{"language": "zh", "title": "t", "summary": "s", "symptom": "s"}]', '[]', '{}', 'Example', '', '[]', '', '[]',
     '[{"claim": "c", "source": "https://example.com", "passage": "p"}]');
