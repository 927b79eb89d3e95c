-- What to run to be sure, and where the text of a record was taken from. Examples of rules live in `rules`.

ALTER TABLE revision
    ADD COLUMN checks      jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(checks) = 'array'),
    ADD COLUMN provenance  jsonb CHECK (jsonb_typeof(provenance) = 'object');
