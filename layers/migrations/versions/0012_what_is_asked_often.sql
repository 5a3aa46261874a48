-- Usage: the closures of a map's or a client's box.
CREATE INDEX closure_geom_idx ON routing.closure USING gist (geom);

-- Usage: a responder's own orders, the last ones.
CREATE INDEX response_order_responder_id_idx ON layers.response_order (responder_id, ended_at);

-- Usage: whose a code was at any time.
CREATE INDEX version_code_idx ON grids.version (town_id, code);

COMMENT ON COLUMN routing.graph_array.name IS 'of the array among the graph''s';

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

COMMENT ON COLUMN layers.gazetteer_array.dtype IS 'of NumPy, little-endian';

-- Read as it is: unpacking takes longer than reading.
ALTER TABLE layers.gazetteer_array ALTER COLUMN data SET STORAGE EXTERNAL;

-- What counts of speeds at each revision, so that decisions can be made again.
CREATE TABLE routing.speed_edition (
    town_id SMALLINT NOT NULL,
    revision BIGINT NOT NULL,
    version INTEGER,
    least_share FLOAT NOT NULL,
    most_share FLOAT NOT NULL,
    hours JSONB NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT speed_edition_pkey PRIMARY KEY (town_id, revision)
);
COMMENT ON TABLE routing.speed_edition
    IS 'what counts of speeds at a revision: for engines, and for decisions made again';
COMMENT ON COLUMN routing.speed_edition.revision IS 'of routing.speed_setting';
COMMENT ON COLUMN routing.speed_edition.version IS 'of the streets; NULL: there were none';
COMMENT ON COLUMN routing.speed_edition.hours
    IS '[mode, class, weekend, hour, share], a later one over a former';

CREATE TABLE routing.speed_edition_street (
    town_id SMALLINT NOT NULL,
    revision BIGINT NOT NULL,
    mode SMALLINT NOT NULL,
    street_ids BIGINT[] NOT NULL,
    forward BOOLEAN[] NOT NULL,
    share FLOAT[] NOT NULL,
    CONSTRAINT speed_edition_street_pkey PRIMARY KEY (town_id, revision, mode),
    CONSTRAINT speed_edition_street_town_id_fkey FOREIGN KEY (town_id, revision)
        REFERENCES routing.speed_edition (town_id, revision) ON DELETE CASCADE
);
COMMENT ON TABLE routing.speed_edition_street IS
    'learned street by street, as it counts at a revision; three lists of equal length';

ALTER TABLE layers.decision
    ADD COLUMN speed_revision BIGINT
        GENERATED ALWAYS AS ((inputs ->> 'speed_revision')::bigint) STORED,
    ADD COLUMN places_forgotten_at TIMESTAMP WITH TIME ZONE;
COMMENT ON COLUMN layers.decision.speed_revision IS 'of what counted of speeds';
COMMENT ON COLUMN layers.decision.places_forgotten_at
    IS 'when it was forgotten where responders were; NULL: it is known';

-- Usage: decisions whose positions have been kept long enough.
CREATE INDEX decision_places_idx ON layers.decision (town_id, made_at)
    WHERE places_forgotten_at IS NULL;

ALTER TABLE layers.dispatch_setting
    ADD COLUMN break_rule TEXT DEFAULT 'last' NOT NULL,
    ADD CONSTRAINT dispatch_setting_break_rule_check
        CHECK (break_rule IN ('never', 'last', 'as_others'));
COMMENT ON COLUMN layers.dispatch_setting.break_rule
    IS 'who is on a break is suggested never, last where nobody else is in time, or as others are';

-- Responders move every second: without an index on their place, and with room beside each row, a
-- move rewrites its page and nothing else. A town has some hundreds; a box is read through them all.
DROP INDEX layers.responder_geom_idx;
ALTER TABLE layers.responder SET (fillfactor = 50);
ALTER TABLE layers.responder ADD COLUMN received_at TIMESTAMP WITH TIME ZONE;
COMMENT ON COLUMN layers.responder.received_at
    IS 'by the database''s clock, when a device last told where; NULL: none has';
