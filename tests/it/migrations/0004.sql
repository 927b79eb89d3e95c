-- A revision with checks and a provenance.
UPDATE failure SET latest_revision = 2 WHERE id = '00000000-0000-7000-8000-000000000003';
INSERT INTO revision (
    failure_id, number, saved_at, title, summary, symptom, root_cause, contributing_factors, remediation, rules, category,
    technologies, "references", translations, checks, provenance, aliases, organization, impact, timeline, lessons, action_items)
VALUES
    ('00000000-0000-7000-8000-000000000003', 2, '2026-01-06', 'A third story', 's', 's', 'r', '{}', 'r',
     '[{"kind": "log", "name": "n", "text": "set: {match: [x]}", "fires_on": ["x"], "also_fires": [{"on": "stories/a", "because": "b"}]}]',
     'network', '{}', '[]', '[]', '[{"command": "kubectl get pods", "means": "m"}]', '{"license": "Apache-2.0"}', '{}', 'Example',
     '', '[]', '', '[]');
