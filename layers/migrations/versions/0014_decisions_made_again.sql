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
