-- What was looked up in the sources of a story. Summaries of translations, and copies and languages of references, live
-- in the columns of their lists.

ALTER TABLE revision
    ADD COLUMN facts jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(facts) = 'array');
