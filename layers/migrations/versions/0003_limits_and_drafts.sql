-- Jobs keep the limits of the key with which they were submitted.
ALTER TABLE layers.job
    ADD COLUMN only_layers TEXT[],
    ADD COLUMN may_write BOOLEAN DEFAULT 'false' NOT NULL;
COMMENT ON COLUMN layers.job.only_layers IS 'of the key it was submitted with; NULL: no limit';

-- The coverage as arcs in time; drafts of boundaries; the code and parent that a unit had.
CREATE SEQUENCE grids.arc_block INCREMENT BY 1000000 START WITH 1;

CREATE TABLE grids.draft (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    town_id SMALLINT NOT NULL,
    name TEXT NOT NULL,
    author BIGINT NOT NULL,
    drawn_by BIGINT[] DEFAULT '{}' NOT NULL,
    state TEXT DEFAULT 'open' NOT NULL,
    base_at TIMESTAMP WITH TIME ZONE NOT NULL,
    first_arc BIGINT NOT NULL,
    revision INTEGER DEFAULT '0' NOT NULL,
    effective_from TIMESTAMP WITH TIME ZONE,
    approver BIGINT,
    client TEXT,
    conflict JSON,
    report JSON,
    created TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT draft_pkey PRIMARY KEY (id),
    CONSTRAINT draft_state_check CHECK (state IN ('open', 'submitted', 'approved', 'effective', 'withdrawn')),
    CONSTRAINT draft_approved_by_another_check CHECK (approver <> author),
    CONSTRAINT draft_approved_check CHECK (state NOT IN ('approved', 'effective') OR (approver IS NOT NULL AND effective_from IS NOT NULL)),
    CONSTRAINT draft_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id)
);

CREATE INDEX draft_town_id_state_idx ON grids.draft (town_id, state);

COMMENT ON COLUMN grids.draft.author IS 'an account';

COMMENT ON COLUMN grids.draft.drawn_by IS 'accounts that have ever edited it';

COMMENT ON COLUMN grids.draft.base_at IS 'when the coverage that it stands on began to hold';

COMMENT ON COLUMN grids.draft.first_arc IS 'its block of ids for new arcs';

COMMENT ON COLUMN grids.draft.revision IS 'counts every edit';

COMMENT ON COLUMN grids.draft.approver IS 'an account, never the author''s';

COMMENT ON COLUMN grids.draft.client IS 'the map client that it belongs to';

COMMENT ON COLUMN grids.draft.conflict IS 'what the coverage of today and the draft dispute';

COMMENT ON COLUMN grids.draft.report IS 'who and what went from where to where, kept for ever';

CREATE TABLE grids.arc_version (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    town_id SMALLINT NOT NULL,
    arc_id BIGINT NOT NULL,
    geom geometry(LINESTRING,4326) NOT NULL,
    left_unit_id BIGINT,
    right_unit_id BIGINT,
    start_cut FLOAT[],
    end_cut FLOAT[],
    valid TSTZRANGE NOT NULL,
    CONSTRAINT arc_version_pkey PRIMARY KEY (id),
    CONSTRAINT arc_version_one_at_a_time EXCLUDE USING gist (arc_id WITH =, valid WITH &&),
    CONSTRAINT arc_version_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id),
    CONSTRAINT arc_version_left_unit_id_fkey FOREIGN KEY(left_unit_id) REFERENCES grids.unit (id),
    CONSTRAINT arc_version_right_unit_id_fkey FOREIGN KEY(right_unit_id) REFERENCES grids.unit (id)
);

CREATE INDEX arc_version_valid_idx ON grids.arc_version USING gist (town_id, valid);

COMMENT ON TABLE grids.arc_version IS 'shared edges of the units; the coverage at a moment is made of those valid then';

COMMENT ON COLUMN grids.arc_version.arc_id IS 'stays as long as the arc does';

COMMENT ON COLUMN grids.arc_version.left_unit_id IS 'of the lowest level, seen along the arc; NULL: outside';

COMMENT ON COLUMN grids.arc_version.start_cut IS 'the edge that a split cut here: longitude, latitude of both ends';

CREATE TABLE grids.draft_comment (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    town_id SMALLINT NOT NULL,
    draft_id BIGINT NOT NULL,
    geom geometry(POINT,4326) NOT NULL,
    text TEXT NOT NULL,
    nickname TEXT NOT NULL,
    account BIGINT,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT draft_comment_pkey PRIMARY KEY (id),
    CONSTRAINT draft_comment_text_check CHECK (length(text) BETWEEN 1 AND 1000),
    CONSTRAINT draft_comment_nickname_check CHECK (length(nickname) BETWEEN 1 AND 40),
    CONSTRAINT draft_comment_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id),
    CONSTRAINT draft_comment_draft_id_fkey FOREIGN KEY(draft_id) REFERENCES grids.draft (id) ON DELETE CASCADE
);

CREATE INDEX draft_comment_draft_id_idx ON grids.draft_comment (draft_id);

COMMENT ON COLUMN grids.draft_comment.account IS 'NULL: by a link';

CREATE TABLE grids.draft_link (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    town_id SMALLINT NOT NULL,
    draft_id BIGINT NOT NULL,
    token_sha256 BYTEA NOT NULL,
    label TEXT NOT NULL,
    created TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    expires TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT draft_link_pkey PRIMARY KEY (id),
    CONSTRAINT draft_link_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id),
    CONSTRAINT draft_link_draft_id_fkey FOREIGN KEY(draft_id) REFERENCES grids.draft (id) ON DELETE CASCADE,
    CONSTRAINT draft_link_token_sha256_key UNIQUE (token_sha256)
);

CREATE INDEX draft_link_draft_id_idx ON grids.draft_link (draft_id);

COMMENT ON TABLE grids.draft_link IS 'whoever has the link reads the draft and pins comments on it';

COMMENT ON COLUMN grids.draft_link.label IS 'for whom, e.g. a village';

CREATE TABLE grids.draft_step (
    draft_id BIGINT NOT NULL,
    number INTEGER NOT NULL,
    town_id SMALLINT NOT NULL,
    kind TEXT NOT NULL,
    parameters JSON NOT NULL,
    change JSON NOT NULL,
    author BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    undone_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT draft_step_pkey PRIMARY KEY (draft_id, number),
    CONSTRAINT draft_step_draft_id_fkey FOREIGN KEY(draft_id) REFERENCES grids.draft (id) ON DELETE CASCADE,
    CONSTRAINT draft_step_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id)
);

COMMENT ON COLUMN grids.draft_step.change IS 'before and after of arcs, units, attributes';

CREATE TABLE grids.lineage (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    town_id SMALLINT NOT NULL,
    unit_id BIGINT NOT NULL,
    became_id BIGINT NOT NULL,
    draft_id BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT lineage_pkey PRIMARY KEY (id),
    CONSTRAINT lineage_draft_id_unit_id_became_id_key UNIQUE (draft_id, unit_id, became_id),
    CONSTRAINT lineage_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id),
    CONSTRAINT lineage_unit_id_fkey FOREIGN KEY(unit_id) REFERENCES grids.unit (id),
    CONSTRAINT lineage_became_id_fkey FOREIGN KEY(became_id) REFERENCES grids.unit (id),
    CONSTRAINT lineage_draft_id_fkey FOREIGN KEY(draft_id) REFERENCES grids.draft (id)
);

COMMENT ON TABLE grids.lineage IS 'which unit, or a part of it, became which';

ALTER TABLE grids.version
    ALTER COLUMN batch_id DROP NOT NULL,
    ADD COLUMN code TEXT,
    ADD COLUMN parent_id BIGINT,
    ADD COLUMN draft_id BIGINT,
    ADD CONSTRAINT version_parent_id_fkey FOREIGN KEY(parent_id) REFERENCES grids.unit (id),
    ADD CONSTRAINT version_draft_id_fkey FOREIGN KEY(draft_id) REFERENCES grids.draft (id);
COMMENT ON COLUMN grids.version.code IS 'the unit''s at that time';
COMMENT ON COLUMN grids.version.parent_id IS 'likewise';
COMMENT ON COLUMN grids.version.draft_id IS 'that made it';
UPDATE grids.version SET code = unit.code, parent_id = unit.parent_id
FROM grids.unit WHERE unit.id = version.unit_id;
ALTER TABLE grids.version ALTER COLUMN code SET NOT NULL;
