-- A picture.
INSERT INTO picture (id, failure_id, digest, media_type, width, height, bytes, added_by, added_at)
VALUES ('00000000-0000-7000-8000-0000000000aa', '00000000-0000-7000-8000-000000000003', '\x05', 'image/png', 1, 1, '\x89',
        '00000000-0000-7000-8000-0000000000a1', '2026-01-11');
