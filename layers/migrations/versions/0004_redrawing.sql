-- The rules of the town: what it has settled for its units; defaults where there is no row.
CREATE TABLE grids.town_rules (
    town_id SMALLINT NOT NULL,
    min_area_m2 FLOAT NOT NULL,
    min_width_m FLOAT NOT NULL,
    code_scheme TEXT NOT NULL,
    CONSTRAINT town_rules_pkey PRIMARY KEY (town_id),
    CONSTRAINT town_rules_min_area_check CHECK (min_area_m2 BETWEEN 1 AND 1000000),
    CONSTRAINT town_rules_min_width_check CHECK (min_width_m BETWEEN 0.1 AND 100),
    CONSTRAINT town_rules_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id)
);

COMMENT ON TABLE grids.town_rules IS 'a town without a row has the defaults';

COMMENT ON COLUMN grids.town_rules.code_scheme IS 'digits of each level, e.g. 6+3, 3, 3, 2';

CREATE TABLE grids.band (
    town_id SMALLINT NOT NULL,
    level SMALLINT NOT NULL,
    least INTEGER NOT NULL,
    most INTEGER NOT NULL,
    CONSTRAINT band_pkey PRIMARY KEY (town_id, level),
    CONSTRAINT band_level_check CHECK (level BETWEEN 2 AND 4),
    CONSTRAINT band_holds_something_check CHECK (1 <= least AND least <= most),
    CONSTRAINT band_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id)
);

COMMENT ON TABLE grids.band IS 'how many households a unit of a level should have; without a row the default';

COMMENT ON COLUMN grids.band.least IS 'households';

CREATE TABLE grids.rule_event (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    town_id SMALLINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    by_account BIGINT,
    before JSONB,
    after JSONB,
    CONSTRAINT rule_event_pkey PRIMARY KEY (id),
    CONSTRAINT rule_event_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id)
);

COMMENT ON TABLE grids.rule_event IS 'who settled what; written by triggers, changed by nobody';

COMMENT ON COLUMN grids.rule_event.by_account IS 'NULL: the installation''s operator, at the machine';

COMMENT ON COLUMN grids.rule_event.before IS 'NULL: the defaults';

-- What a map client sent of its own draft, unit by unit.
CREATE TABLE grids.draft_face (
    draft_id BIGINT NOT NULL,
    unit_id BIGINT NOT NULL,
    town_id SMALLINT NOT NULL,
    level SMALLINT NOT NULL,
    parent_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    name_en TEXT,
    kind TEXT,
    geom geometry(MULTIPOLYGON,4326),
    gone BOOLEAN DEFAULT false NOT NULL,
    came_from BIGINT,
    author BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT draft_face_pkey PRIMARY KEY (draft_id, unit_id),
    CONSTRAINT draft_face_draft_id_fkey FOREIGN KEY(draft_id) REFERENCES grids.draft (id) ON DELETE CASCADE,
    CONSTRAINT draft_face_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id)
);

COMMENT ON TABLE grids.draft_face IS 'units as a map client sent them one by one, until they are judged together';

COMMENT ON COLUMN grids.draft_face.geom IS 'as the client drew it; NULL: its shape is as it was';

COMMENT ON COLUMN grids.draft_face.gone IS 'deleted';

COMMENT ON COLUMN grids.draft_face.came_from IS 'the unit whose attributes a new one was sent with';

CREATE UNIQUE INDEX draft_client_idx ON grids.draft (town_id, author, client) WHERE state = 'open' AND client IS NOT NULL;

-- What a suggested rebalance was said to do when its draft was made.
ALTER TABLE grids.draft ADD COLUMN suggestion JSONB;

COMMENT ON COLUMN grids.draft.suggestion IS 'what a suggested rebalance does and can''t do, as it was counted; NULL: drawn by hand';

-- Micro-grids of high-rises, which share one polygon.
ALTER TABLE grids.version ADD COLUMN shares JSONB;

COMMENT ON COLUMN grids.version.shares IS 'further micro-grids on the polygon, by building and floor';
