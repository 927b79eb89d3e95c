-- A file that was imported.
INSERT INTO imported_file (kind, slug, failure_id, revision, digest, imported_at) VALUES
    ('pattern', 'range-exhausted', '00000000-0000-7000-8000-000000000001', 1, 'd1', '2026-01-05');
