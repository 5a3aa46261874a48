ALTER TABLE layers.responder
    ALTER COLUMN batch_id DROP NOT NULL,
    ADD COLUMN team TEXT,
    ADD COLUMN skills TEXT[] DEFAULT '{}' NOT NULL,
    ADD COLUMN skill_list TEXT,
    ADD COLUMN duty_since TIMESTAMP WITH TIME ZONE,
    ADD COLUMN break_until TIMESTAMP WITH TIME ZONE,
    ADD COLUMN speed_mps FLOAT,
    ADD COLUMN bearing_deg FLOAT,
    ADD COLUMN street_id BIGINT,
    ADD COLUMN fraction FLOAT,
    ADD COLUMN forward BOOLEAN;

COMMENT ON COLUMN layers.responder.skills IS 'layers.skill';
COMMENT ON COLUMN layers.responder.skill_list IS 'the same with commas, for clients that know no arrays';
COMMENT ON COLUMN layers.responder.break_until IS 'on duty, but not to be sent before';
COMMENT ON COLUMN layers.responder.bearing_deg IS 'where it moves, from north clockwise';
COMMENT ON COLUMN layers.responder.street_id IS 'the street that the last fix was matched to';
COMMENT ON COLUMN layers.responder.fraction IS 'share of that street''s geometry, 0 to 1';
COMMENT ON COLUMN layers.responder.forward IS 'moves along the geometry; NULL: not known';

ALTER TABLE layers.account
    ADD COLUMN responder_id BIGINT,
    ADD CONSTRAINT account_responder_id_key UNIQUE (responder_id),
    ADD CONSTRAINT account_responder_id_fkey FOREIGN KEY (responder_id)
        REFERENCES layers.responder (id) ON DELETE SET NULL,
    ADD CONSTRAINT account_responder_check
        CHECK (responder_id IS NULL OR role IN ('gridwhistle_officer', 'gridwhistle_grid_member'));

COMMENT ON COLUMN layers.account.responder_id IS
    'the responder that its holder is: sees its orders, tells its positions';

CREATE TABLE layers.skill (
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    kind TEXT NOT NULL,
    CONSTRAINT skill_pkey PRIMARY KEY (code)
);

COMMENT ON COLUMN layers.skill.kind IS 'licence, language, equipment, training';

CREATE TABLE layers.position (
    responder_id BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    town_id SMALLINT NOT NULL,
    geom geometry(POINT, 4326) NOT NULL,
    accuracy_m FLOAT,
    speed_mps FLOAT,
    bearing_deg FLOAT,
    street_id BIGINT,
    fraction FLOAT,
    forward BOOLEAN,
    CONSTRAINT position_pkey PRIMARY KEY (responder_id, at),
    CONSTRAINT position_accuracy_check CHECK (accuracy_m >= 0),
    CONSTRAINT position_fraction_check CHECK (fraction BETWEEN 0 AND 1),
    CONSTRAINT position_responder_id_fkey FOREIGN KEY (responder_id)
        REFERENCES layers.responder (id) ON DELETE CASCADE,
    CONSTRAINT position_town_id_fkey FOREIGN KEY (town_id) REFERENCES spatial.town (id)
);

COMMENT ON TABLE layers.position IS
    'personal: kept for a stated number of days, shown as tracks to those with the right';
COMMENT ON COLUMN layers.position.bearing_deg IS 'where it moved, from north clockwise';
COMMENT ON COLUMN layers.position.street_id IS 'the street that it was matched to';
COMMENT ON COLUMN layers.position.fraction IS 'share of that street''s geometry, 0 to 1';
COMMENT ON COLUMN layers.position.forward IS 'moved along the geometry; NULL: not known';

CREATE INDEX position_at_idx ON layers.position USING brin (at);

CREATE TABLE layers.track (
    responder_id BIGINT NOT NULL,
    town_id SMALLINT NOT NULL,
    from_at TIMESTAMP WITH TIME ZONE NOT NULL,
    to_at TIMESTAMP WITH TIME ZONE NOT NULL,
    points INTEGER NOT NULL,
    length_m FLOAT NOT NULL,
    geom geometry(LINESTRING, 4326) NOT NULL,
    updated TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT track_pkey PRIMARY KEY (responder_id),
    CONSTRAINT track_responder_id_fkey FOREIGN KEY (responder_id)
        REFERENCES layers.responder (id) ON DELETE CASCADE,
    CONSTRAINT track_town_id_fkey FOREIGN KEY (town_id) REFERENCES spatial.town (id)
);

COMMENT ON TABLE layers.track IS
    'the way of each responder in the last hours, drawn anew every minute';
COMMENT ON COLUMN layers.track.points IS 'how many positions it was drawn of';

CREATE INDEX track_geom_idx ON layers.track USING gist (geom);
