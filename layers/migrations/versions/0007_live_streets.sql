-- Who may use what others may not: an emergency car goes at least where a car goes.
ALTER TABLE layers.responder DROP CONSTRAINT responder_mode_check;
ALTER TABLE layers.responder ADD CONSTRAINT responder_mode_check
    CHECK (mode IN ('foot', 'ebike', 'car', 'emergency'));
UPDATE routing.street SET
    forward_modes = forward_modes | CASE WHEN forward_modes & 4 > 0 THEN 8 ELSE 0 END,
    backward_modes = backward_modes | CASE WHEN backward_modes & 4 > 0 THEN 8 ELSE 0 END;

-- Where streets make one wait.
ALTER TABLE routing.street
    ADD COLUMN signals SMALLINT DEFAULT 0 NOT NULL,
    ADD COLUMN signals_back SMALLINT DEFAULT 0 NOT NULL,
    ADD COLUMN crossings SMALLINT DEFAULT 0 NOT NULL;

COMMENT ON COLUMN routing.street.signals IS 'met along it';

COMMENT ON COLUMN routing.street.signals_back IS 'against it';

COMMENT ON COLUMN routing.street.crossings IS 'of walkers';

CREATE TABLE routing.turn (
    town_id SMALLINT NOT NULL,
    id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    osm_id BIGINT,
    steps BIGINT[] NOT NULL,
    modes SMALLINT NOT NULL,
    CONSTRAINT turn_pkey PRIMARY KEY (town_id, id),
    CONSTRAINT turn_steps_check CHECK (cardinality(steps) > 1),
    CONSTRAINT turn_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id)
);

COMMENT ON COLUMN routing.turn.kind IS 'OSM restriction, such as no_left_turn';

COMMENT ON COLUMN routing.turn.osm_id IS 'relation';

COMMENT ON COLUMN routing.turn.steps IS 'ids of streets that must not follow each other; negative: against the geometry';

COMMENT ON COLUMN routing.turn.modes IS 'bits of those that are bound';

-- Arrays one by one, so that each is mapped as it is; those of before are made anew from the streets.
ALTER TABLE routing.graph DROP COLUMN arrays;
ALTER TABLE routing.graph ADD COLUMN key UUID DEFAULT gen_random_uuid() NOT NULL;

COMMENT ON COLUMN routing.graph.key IS 'names it among all graphs of all databases';

CREATE TABLE routing.graph_array (
    town_id SMALLINT NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    dtype TEXT NOT NULL,
    shape INTEGER[] NOT NULL,
    data BYTEA NOT NULL,
    CONSTRAINT graph_array_pkey PRIMARY KEY (town_id, version, name),
    CONSTRAINT graph_array_town_id_version_fkey FOREIGN KEY(town_id, version)
        REFERENCES routing.graph (town_id, version) ON DELETE CASCADE
);

COMMENT ON COLUMN routing.graph_array.name IS 'field of routing.graph.Graph';

COMMENT ON COLUMN routing.graph_array.dtype IS 'of NumPy, little-endian';

-- Read as it is: unpacking takes longer than reading.
ALTER TABLE routing.graph_array ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE SEQUENCE routing.measure_revision;

CREATE TABLE routing.measure (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    town_id SMALLINT NOT NULL,
    version INTEGER NOT NULL,
    steps BIGINT[] NOT NULL,
    speed_share FLOAT NOT NULL,
    modes SMALLINT NOT NULL,
    starts TIMESTAMP WITH TIME ZONE,
    ends TIMESTAMP WITH TIME ZONE,
    note TEXT,
    revision BIGINT DEFAULT nextval('routing.measure_revision') NOT NULL,
    CONSTRAINT measure_pkey PRIMARY KEY (id),
    CONSTRAINT measure_speed_share_check CHECK (speed_share BETWEEN 0 AND 1),
    CONSTRAINT measure_ends_later_check CHECK (ends > starts),
    CONSTRAINT measure_town_id_version_fkey FOREIGN KEY(town_id, version)
        REFERENCES routing.graph (town_id, version) ON DELETE CASCADE
);

COMMENT ON COLUMN routing.measure.steps IS 'ids of streets; negative: only against the geometry';

COMMENT ON COLUMN routing.measure.speed_share IS '0 closed, 0.5 half as fast';

COMMENT ON COLUMN routing.measure.modes IS 'bits of those that are bound';

COMMENT ON COLUMN routing.measure.revision IS 'grows with every change of any';

CREATE INDEX measure_revision_idx ON routing.measure (town_id, version, revision);
