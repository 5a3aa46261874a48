-- Accounts, jobs, changes and history; when each row was changed, and the cell of each point.
ALTER TABLE grids.version ADD COLUMN updated timestamptz NOT NULL DEFAULT clock_timestamp();
ALTER TABLE layers.place ADD COLUMN updated timestamptz NOT NULL DEFAULT clock_timestamp();
ALTER TABLE layers.water ADD COLUMN updated timestamptz NOT NULL DEFAULT clock_timestamp();
ALTER TABLE routing.street ADD COLUMN updated timestamptz NOT NULL DEFAULT clock_timestamp();
ALTER TABLE spatial.town ADD COLUMN updated timestamptz NOT NULL DEFAULT clock_timestamp();
ALTER TABLE layers.place ADD COLUMN cell bigint;
ALTER TABLE layers.premises ADD COLUMN cell bigint;
ALTER TABLE layers.responder ADD COLUMN cell bigint;
ALTER TABLE layers.sensor ADD COLUMN cell bigint;
COMMENT ON COLUMN layers.place.cell IS 'H3 cell at resolution 11';
COMMENT ON COLUMN layers.premises.cell IS 'H3 cell at resolution 11';
COMMENT ON COLUMN layers.responder.cell IS 'H3 cell at resolution 11';
COMMENT ON COLUMN layers.sensor.cell IS 'H3 cell at resolution 11';
ALTER TABLE layers.premises ALTER COLUMN batch_id DROP NOT NULL;
ALTER TABLE layers.sensor ALTER COLUMN batch_id DROP NOT NULL;
CREATE INDEX incident_grid_version_id_idx ON layers.incident (grid_version_id);

CREATE TABLE layers.account_event (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    by_account BIGINT,
    subject TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    before JSONB,
    after JSONB,
    CONSTRAINT account_event_pkey PRIMARY KEY (id)
);

COMMENT ON TABLE layers.account_event IS 'who granted what; written by triggers, changed by nobody';

COMMENT ON COLUMN layers.account_event.by_account IS 'NULL: the installation''s operator, at the machine';

COMMENT ON COLUMN layers.account_event.subject IS 'account, password, second factor, key';

CREATE TABLE layers.change (
    seq BIGINT NOT NULL,
    town_id SMALLINT NOT NULL,
    layer TEXT NOT NULL,
    feature_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    department_before TEXT,
    department_after TEXT,
    grid_before BIGINT,
    grid_after BIGINT,
    box_before box,
    box_after box,
    account_id BIGINT,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT change_pkey PRIMARY KEY (seq)
);

CREATE INDEX change_layer_seq_idx ON layers.change (town_id, layer, seq);

COMMENT ON TABLE layers.change IS 'changes in the order of their commits';

COMMENT ON COLUMN layers.change.kind IS 'insert, update, delete';

COMMENT ON COLUMN layers.change.box_before IS 'degrees';

COMMENT ON COLUMN layers.change.box_after IS 'degrees';

COMMENT ON COLUMN layers.change.account_id IS 'whose change it is';

CREATE TABLE layers.change_position (
    one_row BOOLEAN DEFAULT true NOT NULL,
    last BIGINT NOT NULL,
    forgotten BIGINT NOT NULL,
    looked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT change_position_pkey PRIMARY KEY (one_row),
    CONSTRAINT change_position_one_row_check CHECK (one_row)
);

COMMENT ON COLUMN layers.change_position.last IS 'the number given last';

COMMENT ON COLUMN layers.change_position.forgotten IS 'changes up to here are gone';

COMMENT ON COLUMN layers.change_position.looked_at IS 'see log_passing_time';

CREATE TABLE layers.pending_change (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    transaction BIGINT NOT NULL,
    town_id SMALLINT NOT NULL,
    layer TEXT NOT NULL,
    feature_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    department_before TEXT,
    department_after TEXT,
    grid_before BIGINT,
    grid_after BIGINT,
    box_before box,
    box_after box,
    account_id BIGINT,
    at TIMESTAMP WITH TIME ZONE NOT NULL
);

COMMENT ON TABLE layers.pending_change IS 'changes without a number: of open transactions, or committed a moment ago';

COMMENT ON COLUMN layers.pending_change.kind IS 'insert, update, delete';

COMMENT ON COLUMN layers.pending_change.box_before IS 'degrees';

COMMENT ON COLUMN layers.pending_change.box_after IS 'degrees';

COMMENT ON COLUMN layers.pending_change.account_id IS 'whose change it is';

CREATE TABLE layers.access_log (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    town_id SMALLINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    request_id TEXT NOT NULL,
    account_id BIGINT,
    role TEXT NOT NULL,
    way TEXT,
    method TEXT NOT NULL,
    route TEXT,
    layer TEXT,
    status INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    bytes BIGINT NOT NULL,
    address_hash TEXT NOT NULL,
    CONSTRAINT access_log_pkey PRIMARY KEY (id),
    CONSTRAINT access_log_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id)
);

CREATE INDEX access_log_at_idx ON layers.access_log USING brin (at);

COMMENT ON TABLE layers.access_log IS 'no path, query, name or address: nothing personal';

COMMENT ON COLUMN layers.access_log.way IS 'session, key or password; NULL: without credentials';

COMMENT ON COLUMN layers.access_log.route IS 'the template; NULL: none matched';

COMMENT ON COLUMN layers.access_log.layer IS 'the layer in the path, where it is one';

COMMENT ON COLUMN layers.access_log.address_hash IS 'keyed: tells addresses apart, no more';

CREATE TABLE layers.job (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    town_id SMALLINT NOT NULL,
    process_id TEXT NOT NULL,
    inputs JSON NOT NULL,
    outputs TEXT[],
    response TEXT DEFAULT 'raw' NOT NULL,
    status TEXT DEFAULT 'accepted' NOT NULL,
    progress SMALLINT DEFAULT '0' NOT NULL,
    message TEXT,
    created TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    started TIMESTAMP WITH TIME ZONE,
    finished TIMESTAMP WITH TIME ZONE,
    updated TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    keep_until TIMESTAMP WITH TIME ZONE,
    results JSON,
    exception JSON,
    role TEXT NOT NULL,
    account_id BIGINT,
    department TEXT,
    grid_id BIGINT,
    layers TEXT[] NOT NULL,
    queue_id BIGINT,
    CONSTRAINT job_pkey PRIMARY KEY (id),
    CONSTRAINT job_status_check CHECK (status IN ('accepted', 'running', 'successful', 'failed', 'dismissed')),
    CONSTRAINT job_response_check CHECK (response IN ('raw', 'document')),
    CONSTRAINT job_progress_check CHECK (progress BETWEEN 0 AND 100),
    CONSTRAINT job_keep_until_check CHECK ((finished IS NULL) = (keep_until IS NULL)),
    CONSTRAINT job_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id)
);

CREATE INDEX job_account_id_created_id_idx ON layers.job (account_id, created DESC, id);

CREATE INDEX job_unfinished_idx ON layers.job (account_id, status) WHERE status IN ('accepted', 'running');

CREATE INDEX job_keep_until_idx ON layers.job (keep_until);

COMMENT ON TABLE layers.job IS 'an OGC API Processes job';

COMMENT ON COLUMN layers.job.outputs IS 'the outputs asked for; NULL for all';

COMMENT ON COLUMN layers.job.response IS 'raw, document';

COMMENT ON COLUMN layers.job.progress IS 'percent';

COMMENT ON COLUMN layers.job.keep_until IS 'the row goes after this moment';

COMMENT ON COLUMN layers.job.results IS 'output name → value';

COMMENT ON COLUMN layers.job.exception IS 'why it failed: error, detail';

COMMENT ON COLUMN layers.job.queue_id IS 'procrastinate''s job';

CREATE TABLE layers.sign_in_failure (
    town_id SMALLINT NOT NULL,
    name_sha256 BYTEA NOT NULL,
    failures INTEGER NOT NULL,
    last_at TIMESTAMP WITH TIME ZONE NOT NULL,
    locked_until TIMESTAMP WITH TIME ZONE,
    CONSTRAINT sign_in_failure_town_id_name_sha256_key UNIQUE (town_id, name_sha256),
    CONSTRAINT sign_in_failure_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id)
);

COMMENT ON TABLE layers.sign_in_failure IS 'failures in a row; a name that there isn''t is locked as one that there is';

COMMENT ON COLUMN layers.sign_in_failure.name_sha256 IS 'of any name, be it one or not';

CREATE TABLE layers.account (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    town_id SMALLINT NOT NULL,
    name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    role TEXT NOT NULL,
    department TEXT,
    grid_id BIGINT,
    layers TEXT[] DEFAULT '{}' NOT NULL,
    database_login TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    disabled_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT account_pkey PRIMARY KEY (id),
    CONSTRAINT account_town_id_name_key UNIQUE (town_id, name),
    CONSTRAINT account_name_check CHECK (name ~ '^[a-z0-9][a-z0-9._@-]{1,62}$'),
    CONSTRAINT account_role_check CHECK (role IN ('gridwhistle_grid_member', 'gridwhistle_officer', 'gridwhistle_dispatcher', 'gridwhistle_gis_editor', 'gridwhistle_planner', 'gridwhistle_administrator', 'gridwhistle_security_officer', 'gridwhistle_auditor', 'gridwhistle_system')),
    CONSTRAINT account_department_check CHECK ((department IS NOT NULL) = (role IN ('gridwhistle_officer', 'gridwhistle_dispatcher'))),
    CONSTRAINT account_grid_check CHECK ((grid_id IS NOT NULL) = (role = 'gridwhistle_grid_member')),
    CONSTRAINT account_layers_check CHECK (layers = '{}' OR role = 'gridwhistle_system'),
    CONSTRAINT account_database_login_check CHECK (database_login IS NULL OR role NOT IN ('gridwhistle_administrator', 'gridwhistle_security_officer', 'gridwhistle_auditor')),
    CONSTRAINT account_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id),
    CONSTRAINT account_grid_id_fkey FOREIGN KEY(grid_id) REFERENCES grids.unit (id),
    CONSTRAINT account_database_login_key UNIQUE (database_login)
);

COMMENT ON COLUMN layers.account.name IS 'what is typed to sign in';

COMMENT ON COLUMN layers.account.role IS 'the database role, exactly one';

COMMENT ON COLUMN layers.account.department IS 'a department''s code; * for every department';

COMMENT ON COLUMN layers.account.grid_id IS 'a grid member''s grid';

COMMENT ON COLUMN layers.account.layers IS 'granted by name';

COMMENT ON COLUMN layers.account.database_login IS 'a PostgreSQL login of its own';

CREATE TABLE layers.history (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    town_id SMALLINT NOT NULL,
    layer TEXT NOT NULL,
    feature_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    before JSONB,
    after JSONB,
    account_id BIGINT,
    batch_id BIGINT,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT history_pkey PRIMARY KEY (id),
    CONSTRAINT history_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id),
    CONSTRAINT history_batch_id_fkey FOREIGN KEY(batch_id) REFERENCES spatial.batch (id)
);

CREATE INDEX history_feature_idx ON layers.history (town_id, layer, feature_id, id);

COMMENT ON TABLE layers.history IS 'what layers with editors were, kept for ever';

COMMENT ON COLUMN layers.history.kind IS 'insert, update, delete';

COMMENT ON COLUMN layers.history.before IS 'properties, and the geometry as GeoJSON';

COMMENT ON COLUMN layers.history.account_id IS 'who changed it';

COMMENT ON COLUMN layers.history.batch_id IS 'or which import';

CREATE TABLE layers.account_secret (
    account_id BIGINT NOT NULL,
    password_hash TEXT,
    password_changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    must_change_password BOOLEAN DEFAULT 'false' NOT NULL,
    totp_secret TEXT,
    totp_since TIMESTAMP WITH TIME ZONE,
    totp_step BIGINT,
    CONSTRAINT account_secret_pkey PRIMARY KEY (account_id),
    CONSTRAINT account_secret_totp_check CHECK (totp_since IS NULL OR totp_secret IS NOT NULL),
    CONSTRAINT account_secret_account_id_fkey FOREIGN KEY(account_id) REFERENCES layers.account (id) ON DELETE CASCADE
);

COMMENT ON COLUMN layers.account_secret.password_hash IS 'argon2id; empty where nobody enters by password';

COMMENT ON COLUMN layers.account_secret.totp_secret IS 'encrypted; the second factor once totp_since is set';

COMMENT ON COLUMN layers.account_secret.totp_step IS 'the period of the last code taken';

CREATE TABLE layers.account_session (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    account_id BIGINT NOT NULL,
    token_sha256 BYTEA NOT NULL,
    device TEXT NOT NULL,
    second_factor_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    last_seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT account_session_pkey PRIMARY KEY (id),
    CONSTRAINT account_session_account_id_fkey FOREIGN KEY(account_id) REFERENCES layers.account (id) ON DELETE CASCADE,
    CONSTRAINT account_session_token_sha256_key UNIQUE (token_sha256)
);

CREATE INDEX account_session_account_id_idx ON layers.account_session (account_id);

COMMENT ON COLUMN layers.account_session.device IS 'browser and system, for the owner''s own list';

CREATE TABLE layers.api_key (
    id TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    secret_sha256 BYTEA NOT NULL,
    label TEXT NOT NULL,
    may_write BOOLEAN DEFAULT 'false' NOT NULL,
    layers TEXT[],
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    last_used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT api_key_pkey PRIMARY KEY (id),
    CONSTRAINT api_key_account_id_fkey FOREIGN KEY(account_id) REFERENCES layers.account (id) ON DELETE CASCADE
);

CREATE INDEX api_key_account_id_idx ON layers.api_key (account_id);

COMMENT ON COLUMN layers.api_key.layers IS 'these layers only; NULL: all that the account has';

CREATE TABLE layers.recovery_code (
    account_id BIGINT NOT NULL,
    code_sha256 BYTEA NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT recovery_code_pkey PRIMARY KEY (account_id, code_sha256),
    CONSTRAINT recovery_code_account_id_fkey FOREIGN KEY(account_id) REFERENCES layers.account (id) ON DELETE CASCADE
);

COMMENT ON TABLE layers.recovery_code IS 'each good for one sign-in without the second factor''s device';
