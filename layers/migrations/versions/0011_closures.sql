-- What somebody has closed or slowed, as it was drawn; it outlives the streets that it was drawn on.
CREATE TABLE routing.closure (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    town_id SMALLINT NOT NULL,
    kind TEXT NOT NULL,
    speed_share FLOAT NOT NULL,
    modes SMALLINT NOT NULL,
    reason TEXT DEFAULT 'other' NOT NULL,
    note TEXT,
    starts TIMESTAMP WITH TIME ZONE NOT NULL,
    ends TIMESTAMP WITH TIME ZONE,
    drawn geometry(GEOMETRY,4326) NOT NULL,
    drawn_as TEXT NOT NULL,
    radius_m FLOAT,
    one_way BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    streets INTEGER NOT NULL,
    length_m FLOAT NOT NULL,
    names TEXT,
    lost_m FLOAT DEFAULT 0 NOT NULL,
    geom geometry(MULTILINESTRING,4326) NOT NULL,
    made_by BIGINT,
    author TEXT,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT closure_pkey PRIMARY KEY (id),
    CONSTRAINT closure_kind_check CHECK (
        (kind = 'closed' AND speed_share = 0)
        OR (kind = 'slow' AND speed_share > 0 AND speed_share < 1)
    ),
    CONSTRAINT closure_drawn_as_check
        CHECK (drawn_as IN ('point', 'along', 'barrier', 'area', 'streets')),
    CONSTRAINT closure_reason_check
        CHECK (reason IN ('works', 'accident', 'fire', 'water', 'event', 'other')),
    CONSTRAINT closure_ends_later_check CHECK (ends > starts),
    CONSTRAINT closure_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id)
);

CREATE INDEX closure_town_id_idx ON routing.closure (town_id, ends);

COMMENT ON TABLE routing.closure IS 'what somebody has closed or slowed, as it was drawn';

COMMENT ON COLUMN routing.closure.speed_share IS '0 closed, 0.5 half as fast';

COMMENT ON COLUMN routing.closure.modes IS 'bits of those that are bound';

COMMENT ON COLUMN routing.closure.note IS 'for the staff';

COMMENT ON COLUMN routing.closure.ends IS 'NULL: until somebody ends it';

COMMENT ON COLUMN routing.closure.drawn IS 'as it came; the lines of streets that were named';

COMMENT ON COLUMN routing.closure.one_way IS 'only the direction in which it was drawn';

COMMENT ON COLUMN routing.closure.version IS 'of the streets that it was laid on last';

COMMENT ON COLUMN routing.closure.streets IS 'how many it binds; 0: none is there any more';

COMMENT ON COLUMN routing.closure.names IS 'of the streets';

COMMENT ON COLUMN routing.closure.lost_m IS 'metres that were bound and are no street now';

COMMENT ON COLUMN routing.closure.geom IS 'the streets that it binds';

COMMENT ON COLUMN routing.closure.made_by IS 'account; NULL: at the machine';

COMMENT ON COLUMN routing.closure.author IS 'their name then';

CREATE TABLE routing.closure_event (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    closure_id BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    account_id BIGINT,
    before JSONB,
    after JSONB NOT NULL,
    CONSTRAINT closure_event_pkey PRIMARY KEY (id),
    CONSTRAINT closure_event_closure_id_fkey FOREIGN KEY(closure_id) REFERENCES routing.closure (id)
);

CREATE INDEX closure_event_closure_id_idx ON routing.closure_event (closure_id);

COMMENT ON TABLE routing.closure_event IS 'who did what to closures; nobody changes a line of it';

ALTER TABLE routing.measure
    ADD COLUMN closure_id BIGINT,
    ADD CONSTRAINT measure_closure_id_fkey FOREIGN KEY(closure_id) REFERENCES routing.closure (id);

CREATE INDEX measure_closure_id_idx ON routing.measure (closure_id);

-- How fast one really moves.
ALTER TABLE routing.street
    ADD COLUMN learned_kph FLOAT,
    ADD COLUMN learned_samples INTEGER;

COMMENT ON COLUMN routing.street.learned_kph IS 'a car''s, as tracks have taught; NULL: nothing yet';

COMMENT ON COLUMN routing.street.learned_samples IS 'how many tracks taught it';

CREATE TABLE routing.speed_setting (
    town_id SMALLINT NOT NULL,
    uses_learned BOOLEAN DEFAULT true NOT NULL,
    least_share FLOAT DEFAULT 0.3 NOT NULL,
    most_share FLOAT DEFAULT 1 NOT NULL,
    least_samples INTEGER DEFAULT 5 NOT NULL,
    kept_days INTEGER DEFAULT 90 NOT NULL,
    learned_to TIMESTAMP WITH TIME ZONE,
    revision BIGINT DEFAULT nextval('routing.measure_revision') NOT NULL,
    CONSTRAINT speed_setting_pkey PRIMARY KEY (town_id),
    CONSTRAINT speed_setting_shares_check
        CHECK (least_share > 0 AND least_share <= most_share AND most_share <= 1),
    CONSTRAINT speed_setting_counts_check CHECK (least_samples > 0 AND kept_days > 0),
    CONSTRAINT speed_setting_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id)
);

COMMENT ON COLUMN routing.speed_setting.most_share IS 'of the stated speed: 1 is never faster';

COMMENT ON COLUMN routing.speed_setting.least_samples IS 'of a street, before they count';

COMMENT ON COLUMN routing.speed_setting.learned_to IS 'tracks up to here are read';

COMMENT ON COLUMN routing.speed_setting.revision IS 'from the sequence of measures: grows with every change';

CREATE TABLE routing.hour_share (
    town_id SMALLINT NOT NULL,
    mode SMALLINT NOT NULL,
    class TEXT NOT NULL,
    weekend BOOLEAN NOT NULL,
    hour SMALLINT NOT NULL,
    share FLOAT NOT NULL,
    CONSTRAINT hour_share_pkey PRIMARY KEY (town_id, mode, class, weekend, hour),
    CONSTRAINT hour_share_hour_check CHECK (hour BETWEEN 0 AND 23),
    CONSTRAINT hour_share_share_check CHECK (share > 0 AND share <= 1),
    CONSTRAINT hour_share_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id)
);

COMMENT ON TABLE routing.hour_share IS 'share of the free speed that is left, as the town has set it';

CREATE TABLE routing.speed_sample (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    town_id SMALLINT NOT NULL,
    version INTEGER NOT NULL,
    street_id BIGINT NOT NULL,
    forward BOOLEAN NOT NULL,
    class TEXT NOT NULL,
    mode SMALLINT NOT NULL,
    weekend BOOLEAN NOT NULL,
    hour SMALLINT NOT NULL,
    day DATE NOT NULL,
    length_m FLOAT NOT NULL,
    free_s FLOAT NOT NULL,
    taken_s FLOAT NOT NULL,
    CONSTRAINT speed_sample_pkey PRIMARY KEY (id),
    CONSTRAINT speed_sample_times_check CHECK (length_m > 0 AND free_s > 0 AND taken_s > 0),
    CONSTRAINT speed_sample_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id)
);

CREATE INDEX speed_sample_day_idx ON routing.speed_sample (town_id, day);

COMMENT ON TABLE routing.speed_sample IS 'a street driven through; by whom is not kept';

COMMENT ON COLUMN routing.speed_sample.free_s IS 'what it takes when it is free';

CREATE TABLE routing.learned_speed (
    town_id SMALLINT NOT NULL,
    version INTEGER NOT NULL,
    mode SMALLINT NOT NULL,
    street_id BIGINT NOT NULL,
    forward BOOLEAN NOT NULL,
    samples INTEGER NOT NULL,
    stated_kph FLOAT NOT NULL,
    measured_kph FLOAT NOT NULL,
    spread FLOAT NOT NULL,
    share FLOAT NOT NULL,
    CONSTRAINT learned_speed_pkey PRIMARY KEY (town_id, version, mode, street_id, forward),
    CONSTRAINT learned_speed_town_id_version_fkey FOREIGN KEY(town_id, version)
        REFERENCES routing.graph (town_id, version) ON DELETE CASCADE
);

COMMENT ON COLUMN routing.learned_speed.measured_kph IS 'median of what was driven';

COMMENT ON COLUMN routing.learned_speed.spread IS 'standard deviation of the logarithms';

COMMENT ON COLUMN routing.learned_speed.share IS 'of the speed of its class at that hour: what is used';

CREATE TABLE routing.learned_hour (
    town_id SMALLINT NOT NULL,
    mode SMALLINT NOT NULL,
    class TEXT NOT NULL,
    weekend BOOLEAN NOT NULL,
    hour SMALLINT NOT NULL,
    samples INTEGER NOT NULL,
    measured_share FLOAT NOT NULL,
    spread FLOAT NOT NULL,
    share FLOAT NOT NULL,
    CONSTRAINT learned_hour_pkey PRIMARY KEY (town_id, mode, class, weekend, hour),
    CONSTRAINT learned_hour_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id)
);

COMMENT ON COLUMN routing.learned_hour.measured_share IS 'of the free speed: median of what was driven';

COMMENT ON COLUMN routing.learned_hour.share IS 'of the free speed: what is used';
