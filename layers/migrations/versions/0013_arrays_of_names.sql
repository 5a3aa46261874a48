-- The names of a town's places as arrays, made by a process of their own and mapped by all others.
CREATE TABLE layers.gazetteer (
    town_id SMALLINT NOT NULL,
    version INTEGER NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    seq BIGINT NOT NULL,
    layout INTEGER NOT NULL,
    key UUID DEFAULT gen_random_uuid() NOT NULL,
    CONSTRAINT gazetteer_pkey PRIMARY KEY (town_id, version),
    CONSTRAINT gazetteer_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id)
);

COMMENT ON COLUMN layers.gazetteer.seq IS 'changes up to this number are in it';

COMMENT ON COLUMN layers.gazetteer.layout IS 'of the arrays; another code has another';

COMMENT ON COLUMN layers.gazetteer.key IS 'names it among those of all databases';

CREATE TABLE layers.gazetteer_array (
    town_id SMALLINT NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    dtype TEXT NOT NULL,
    shape INTEGER[] NOT NULL,
    data BYTEA NOT NULL,
    CONSTRAINT gazetteer_array_pkey PRIMARY KEY (town_id, version, name),
    CONSTRAINT gazetteer_array_town_id_version_fkey FOREIGN KEY(town_id, version)
        REFERENCES layers.gazetteer (town_id, version) ON DELETE CASCADE
);

COMMENT ON COLUMN layers.gazetteer_array.name IS 'of the array';

COMMENT ON COLUMN layers.gazetteer_array.dtype IS 'of NumPy, little-endian';

-- Read as it is: unpacking takes longer than reading.
ALTER TABLE layers.gazetteer_array ALTER COLUMN data SET STORAGE EXTERNAL;
