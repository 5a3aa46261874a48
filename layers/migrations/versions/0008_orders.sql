-- An incident that somebody reported here came by no import, and lives through more than two states.
ALTER TABLE layers.incident
    ALTER COLUMN batch_id DROP NOT NULL,
    ADD COLUMN number TEXT,
    ADD COLUMN title TEXT,
    ADD COLUMN severity SMALLINT DEFAULT 3 NOT NULL,
    ADD COLUMN reported_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN place_source TEXT,
    ADD COLUMN place_accuracy_m FLOAT,
    ADD COLUMN department TEXT,
    ADD COLUMN revision INTEGER DEFAULT 0 NOT NULL,
    ADD COLUMN merged_into BIGINT,
    ADD CONSTRAINT incident_town_id_number_key UNIQUE (town_id, number),
    ADD CONSTRAINT incident_severity_check CHECK (severity BETWEEN 1 AND 4),
    ADD CONSTRAINT incident_merged_check CHECK ((state = 'merged') = (merged_into IS NOT NULL)),
    ADD CONSTRAINT incident_state_check CHECK (
        state IN ('open', 'reported', 'triage', 'dispatched', 'handling', 'suspended', 'handled',
                  'verifying', 'reopened', 'closed', 'merged', 'rejected', 'cancelled')
    ),
    ADD CONSTRAINT incident_department_fkey FOREIGN KEY(department)
        REFERENCES layers.department (code),
    ADD CONSTRAINT incident_merged_into_fkey FOREIGN KEY(merged_into)
        REFERENCES layers.incident (id);

COMMENT ON COLUMN layers.incident.number IS 'E, day, six digits; NULL: imported';

COMMENT ON COLUMN layers.incident.severity IS '1 to 4';

COMMENT ON COLUMN layers.incident.place_source IS 'what said where it is: the report, a premises, ...';

COMMENT ON COLUMN layers.incident.department IS 'that leads; NULL: its category''s';

COMMENT ON COLUMN layers.incident.revision IS 'events so far';

CREATE INDEX incident_open_idx ON layers.incident (town_id, occurred_at)
    WHERE state NOT IN ('closed', 'merged', 'rejected', 'cancelled');

-- From here on new tables.
CREATE SEQUENCE layers.incident_number MAXVALUE 999999 CYCLE;

CREATE TABLE layers.incident_step (
    from_state TEXT NOT NULL,
    action TEXT NOT NULL,
    to_state TEXT NOT NULL,
    by_hand BOOLEAN NOT NULL,
    needs TEXT[] DEFAULT '{}' NOT NULL,
    CONSTRAINT incident_step_pkey PRIMARY KEY (from_state, action),
    CONSTRAINT incident_step_from_state_action_to_state_key UNIQUE (from_state, action, to_state)
);

COMMENT ON TABLE layers.incident_step IS 'what may become of an incident';

COMMENT ON COLUMN layers.incident_step.by_hand IS 'a dispatcher''s; else it follows an order';

COMMENT ON COLUMN layers.incident_step.needs IS 'what has to be said';

CREATE TABLE layers.order_step (
    from_state TEXT NOT NULL,
    action TEXT NOT NULL,
    to_state TEXT NOT NULL,
    by TEXT[] NOT NULL,
    CONSTRAINT order_step_pkey PRIMARY KEY (from_state, action),
    CONSTRAINT order_step_from_state_action_to_state_key UNIQUE (from_state, action, to_state)
);

COMMENT ON TABLE layers.order_step IS 'what may become of an order';

COMMENT ON COLUMN layers.order_step.by IS 'dispatcher, responder, system';

CREATE TABLE layers.dispatch_rule (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    ordinal INTEGER NOT NULL,
    category TEXT,
    premises_kind TEXT,
    source TEXT,
    department TEXT NOT NULL,
    co_departments TEXT[] DEFAULT '{}' NOT NULL,
    skills TEXT[] DEFAULT '{}' NOT NULL,
    severity SMALLINT NOT NULL,
    reason TEXT NOT NULL,
    CONSTRAINT dispatch_rule_pkey PRIMARY KEY (id),
    CONSTRAINT dispatch_rule_severity_check CHECK (severity BETWEEN 1 AND 4),
    CONSTRAINT dispatch_rule_ordinal_key UNIQUE (ordinal),
    CONSTRAINT dispatch_rule_category_fkey FOREIGN KEY(category) REFERENCES layers.category (code),
    CONSTRAINT dispatch_rule_department_fkey FOREIGN KEY(department)
        REFERENCES layers.department (code)
);

COMMENT ON TABLE layers.dispatch_rule IS 'whose an incident is; where none fits, its category''s department';

COMMENT ON COLUMN layers.dispatch_rule.ordinal IS 'the first that fits holds';

COMMENT ON COLUMN layers.dispatch_rule.category IS 'NULL: any';

COMMENT ON COLUMN layers.dispatch_rule.premises_kind IS 'NULL: any';

COMMENT ON COLUMN layers.dispatch_rule.source IS 'NULL: any';

COMMENT ON COLUMN layers.dispatch_rule.skills IS 'wanted';

COMMENT ON COLUMN layers.dispatch_rule.severity IS '1 is the most urgent';

CREATE TABLE layers.report (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    town_id SMALLINT NOT NULL,
    incident_id BIGINT NOT NULL,
    source TEXT NOT NULL,
    source_id TEXT NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE,
    geom geometry(POINT,4326) NOT NULL,
    datum TEXT NOT NULL,
    accuracy_m FLOAT,
    category TEXT NOT NULL,
    text TEXT,
    contact TEXT,
    account_id BIGINT,
    CONSTRAINT report_pkey PRIMARY KEY (id),
    CONSTRAINT report_town_id_source_source_id_key UNIQUE (town_id, source, source_id),
    CONSTRAINT report_accuracy_check CHECK (accuracy_m >= 0),
    CONSTRAINT report_source_check
        CHECK (source IN ('110', '12345', 'province_petition', 'jinhua_zhizhi',
            'palm_grassroots', 'grid_member', 'shop_qr', 'river_patrol', 'iot', 'video',
            'workstation', 'walk_in')),
    CONSTRAINT report_datum_check CHECK (datum IN ('wgs84', 'cgcs2000', 'gcj02', 'bd09')),
    CONSTRAINT report_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id),
    CONSTRAINT report_incident_id_fkey FOREIGN KEY(incident_id) REFERENCES layers.incident (id),
    CONSTRAINT report_category_fkey FOREIGN KEY(category) REFERENCES layers.category (code)
);

CREATE INDEX report_incident_id_idx ON layers.report (incident_id);

COMMENT ON TABLE layers.report IS 'personal; no layer publishes it';

COMMENT ON COLUMN layers.report.source_id IS 'its number there';

COMMENT ON COLUMN layers.report.occurred_at IS 'as the source said it';

COMMENT ON COLUMN layers.report.datum IS 'of the numbers that came';

COMMENT ON COLUMN layers.report.text IS 'personal';

COMMENT ON COLUMN layers.report.contact IS 'personal';

COMMENT ON COLUMN layers.report.account_id IS 'who took it down';

CREATE TABLE layers.decision (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    town_id SMALLINT NOT NULL,
    incident_id BIGINT,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    graph_version INTEGER,
    measure_revision BIGINT,
    k INTEGER NOT NULL,
    inputs JSONB NOT NULL,
    answer JSONB NOT NULL,
    CONSTRAINT decision_pkey PRIMARY KEY (id),
    CONSTRAINT decision_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id),
    CONSTRAINT decision_incident_id_fkey FOREIGN KEY(incident_id) REFERENCES layers.incident (id)
);

CREATE INDEX decision_incident_id_idx ON layers.decision (incident_id);

COMMENT ON TABLE layers.decision IS 'what was answered to who can be there first, and from what; personal';

COMMENT ON COLUMN layers.decision.graph_version IS 'of the streets';

COMMENT ON COLUMN layers.decision.measure_revision IS 'of what was closed';

CREATE TABLE layers.response_order (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    town_id SMALLINT NOT NULL,
    incident_id BIGINT NOT NULL,
    responder_id BIGINT NOT NULL,
    department TEXT,
    is_lead BOOLEAN NOT NULL,
    state TEXT DEFAULT 'sent' NOT NULL,
    came_from TEXT,
    by_action TEXT,
    ordered_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    delivered_at TIMESTAMP WITH TIME ZONE,
    seen_at TIMESTAMP WITH TIME ZONE,
    accepted_at TIMESTAMP WITH TIME ZONE,
    arrived_at TIMESTAMP WITH TIME ZONE,
    reported_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    eta_s FLOAT,
    distance_m FLOAT,
    hold_probability FLOAT,
    decision_id BIGINT,
    ordered_by BIGINT,
    replaces BIGINT,
    reason TEXT,
    revision INTEGER DEFAULT 0 NOT NULL,
    updated TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT response_order_pkey PRIMARY KEY (id),
    CONSTRAINT response_order_step_fkey FOREIGN KEY(came_from, by_action, state)
        REFERENCES layers.order_step (from_state, action, to_state),
    CONSTRAINT response_order_begins_as_sent_check CHECK (came_from IS NOT NULL OR state = 'sent'),
    CONSTRAINT response_order_ended_check
        CHECK ((ended_at IS NOT NULL) = (state IN ('done', 'declined', 'lapsed', 'withdrawn'))),
    CONSTRAINT response_order_hold_probability_check CHECK (hold_probability BETWEEN 0 AND 1),
    CONSTRAINT response_order_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id),
    CONSTRAINT response_order_incident_id_fkey FOREIGN KEY(incident_id)
        REFERENCES layers.incident (id),
    CONSTRAINT response_order_responder_id_fkey FOREIGN KEY(responder_id)
        REFERENCES layers.responder (id),
    CONSTRAINT response_order_department_fkey FOREIGN KEY(department)
        REFERENCES layers.department (code),
    CONSTRAINT response_order_decision_id_fkey FOREIGN KEY(decision_id)
        REFERENCES layers.decision (id),
    CONSTRAINT response_order_replaces_fkey FOREIGN KEY(replaces)
        REFERENCES layers.response_order (id)
);

CREATE INDEX response_order_active_idx ON layers.response_order (town_id, ordered_at)
    WHERE ended_at IS NULL;

CREATE INDEX response_order_incident_id_idx ON layers.response_order (incident_id);

CREATE INDEX response_order_declined_idx ON layers.response_order (ended_at)
    WHERE state = 'declined';

CREATE UNIQUE INDEX response_order_one_active ON layers.response_order (responder_id)
    WHERE ended_at IS NULL;

CREATE UNIQUE INDEX response_order_one_lead
    ON layers.response_order (incident_id)
    WHERE is_lead AND ended_at IS NULL;

COMMENT ON TABLE layers.response_order IS 'a responder sent to an incident';

COMMENT ON COLUMN layers.response_order.came_from IS 'the state before; NULL: it is new';

COMMENT ON COLUMN layers.response_order.by_action IS 'what brought it here';

COMMENT ON COLUMN layers.response_order.eta_s IS 'when it was ordered';

COMMENT ON COLUMN layers.response_order.distance_m IS 'likewise';

COMMENT ON COLUMN layers.response_order.hold_probability IS 'that 180 s hold, likewise';

COMMENT ON COLUMN layers.response_order.ordered_by IS 'account; NULL: the platform itself';

COMMENT ON COLUMN layers.response_order.reason IS 'why this one, or why it ended';

CREATE TABLE layers.incident_event (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    town_id SMALLINT NOT NULL,
    incident_id BIGINT NOT NULL,
    seq INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor BIGINT,
    action TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    data JSONB DEFAULT '{}' NOT NULL,
    prev BYTEA,
    hash BYTEA NOT NULL,
    CONSTRAINT incident_event_pkey PRIMARY KEY (id),
    CONSTRAINT incident_event_incident_id_seq_key UNIQUE (incident_id, seq),
    CONSTRAINT incident_event_step_fkey FOREIGN KEY(from_state, action, to_state)
        REFERENCES layers.incident_step (from_state, action, to_state),
    CONSTRAINT incident_event_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id),
    CONSTRAINT incident_event_incident_id_fkey FOREIGN KEY(incident_id)
        REFERENCES layers.incident (id)
);

COMMENT ON TABLE layers.incident_event IS 'what was done, in a chain of hashes; nobody changes a line of it';

COMMENT ON COLUMN layers.incident_event.seq IS 'from 1 on, without a gap';

COMMENT ON COLUMN layers.incident_event.actor IS 'account; NULL: the platform itself';

COMMENT ON COLUMN layers.incident_event.prev IS 'hash of the one before';

CREATE TABLE layers.order_message (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    town_id SMALLINT NOT NULL,
    order_id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    kind TEXT DEFAULT 'order' NOT NULL,
    attempt SMALLINT DEFAULT 0 NOT NULL,
    message_id UUID DEFAULT gen_random_uuid() NOT NULL,
    queued_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE,
    delivered_at TIMESTAMP WITH TIME ZONE,
    failed_at TIMESTAMP WITH TIME ZONE,
    next_at TIMESTAMP WITH TIME ZONE,
    error TEXT,
    CONSTRAINT order_message_pkey PRIMARY KEY (id),
    CONSTRAINT order_message_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id),
    CONSTRAINT order_message_order_id_fkey FOREIGN KEY(order_id)
        REFERENCES layers.response_order (id),
    CONSTRAINT order_message_message_id_key UNIQUE (message_id),
    CONSTRAINT order_message_order_id_channel_kind_key UNIQUE (order_id, channel, kind),
    CONSTRAINT order_message_kind_check CHECK (kind IN ('order', 'stand_down'))
);

CREATE INDEX order_message_next_at_idx ON layers.order_message (next_at) WHERE next_at IS NOT NULL;

COMMENT ON TABLE layers.order_message IS 'an order on its way by one channel';

COMMENT ON COLUMN layers.order_message.kind IS 'order, stand_down';

COMMENT ON COLUMN layers.order_message.attempt IS 'tries so far';

COMMENT ON COLUMN layers.order_message.next_at IS 'when it is tried next; NULL: no more';

CREATE TABLE layers.dispatch_setting (
    town_id SMALLINT NOT NULL,
    order_within_s INTEGER DEFAULT 30 NOT NULL,
    accept_within_s INTEGER DEFAULT 20 NOT NULL,
    hold_s INTEGER DEFAULT 180 NOT NULL,
    feedback_within_s INTEGER DEFAULT 180 NOT NULL,
    order_reach_s INTEGER DEFAULT 900 NOT NULL,
    max_fix_age_s INTEGER DEFAULT 300 NOT NULL,
    stale_fix_age_s INTEGER DEFAULT 60 NOT NULL,
    turnout_free_s INTEGER DEFAULT 10 NOT NULL,
    turnout_ordered_s INTEGER DEFAULT 5 NOT NULL,
    turnout_on_scene_s INTEGER DEFAULT 60 NOT NULL,
    turnout_break_s INTEGER DEFAULT 120 NOT NULL,
    reassign_gain_s INTEGER DEFAULT 60 NOT NULL,
    clock_ahead_s INTEGER DEFAULT 300 NOT NULL,
    positions_kept_days INTEGER DEFAULT 30 NOT NULL,
    premises_within_m FLOAT DEFAULT 30 NOT NULL,
    neighbour_call_s INTEGER DEFAULT 60 NOT NULL,
    sure_share FLOAT DEFAULT 0.8 NOT NULL,
    streets_kept_days INTEGER DEFAULT 90 NOT NULL,
    updated TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT dispatch_setting_pkey PRIMARY KEY (town_id),
    CONSTRAINT dispatch_setting_positions_kept_days_check
        CHECK (positions_kept_days BETWEEN 1 AND 3650),
    CONSTRAINT dispatch_setting_positive_check CHECK (
        least(order_within_s, accept_within_s, hold_s, feedback_within_s, order_reach_s,
              max_fix_age_s, stale_fix_age_s) > 0
        AND least(turnout_free_s, turnout_ordered_s, turnout_on_scene_s, turnout_break_s,
                  reassign_gain_s, clock_ahead_s) >= 0
    ),
    CONSTRAINT dispatch_setting_neighbour_call_check CHECK (neighbour_call_s >= 0),
    CONSTRAINT dispatch_setting_sure_share_check CHECK (sure_share BETWEEN 0 AND 1),
    CONSTRAINT dispatch_setting_streets_kept_days_check CHECK (streets_kept_days >= 0),
    CONSTRAINT dispatch_setting_premises_within_check CHECK (premises_within_m BETWEEN 0 AND 1000),
    CONSTRAINT dispatch_setting_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id)
);

COMMENT ON TABLE layers.dispatch_setting IS 'a town without a row has the defaults';

COMMENT ON COLUMN layers.dispatch_setting.order_within_s IS 'from the report to the order';

COMMENT ON COLUMN layers.dispatch_setting.accept_within_s IS 'else the next channel, then the next responder';

COMMENT ON COLUMN layers.dispatch_setting.hold_s IS 'from the order to the first responder there';

COMMENT ON COLUMN layers.dispatch_setting.feedback_within_s IS 'from arrival to the first feedback';

COMMENT ON COLUMN layers.dispatch_setting.order_reach_s IS 'nobody who is farther is sent without a dispatcher';

COMMENT ON COLUMN layers.dispatch_setting.max_fix_age_s IS 'an older position isn''t used';

COMMENT ON COLUMN layers.dispatch_setting.stale_fix_age_s IS 'an older one is used, and its age said';

COMMENT ON COLUMN layers.dispatch_setting.turnout_ordered_s IS 'who is on the road already';

COMMENT ON COLUMN layers.dispatch_setting.reassign_gain_s IS 'less gained by another responder changes no order';

COMMENT ON COLUMN layers.dispatch_setting.clock_ahead_s IS 'a source''s clock may be so far ahead';

CREATE TABLE layers.responder_contact (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    town_id SMALLINT NOT NULL,
    responder_id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    address TEXT NOT NULL,
    updated TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT responder_contact_pkey PRIMARY KEY (id),
    CONSTRAINT responder_contact_channel_check CHECK (channel IN ('sms', 'dingtalk', 'wecom', 'voice')),
    CONSTRAINT responder_contact_address_check CHECK (length(address) BETWEEN 1 AND 100),
    CONSTRAINT responder_contact_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id),
    CONSTRAINT responder_contact_responder_id_fkey FOREIGN KEY(responder_id)
        REFERENCES layers.responder (id) ON DELETE CASCADE,
    CONSTRAINT responder_contact_responder_id_channel_key UNIQUE (responder_id, channel)
);

COMMENT ON TABLE layers.responder_contact IS 'personal; no layer publishes it';

COMMENT ON COLUMN layers.responder_contact.address IS 'e.g. a phone number; personal';

COMMENT ON COLUMN layers.dispatch_setting.neighbour_call_s IS 'a call to a neighbour''s desk, before it sends';

COMMENT ON COLUMN layers.dispatch_setting.sure_share IS 'three minutes hold where they do so with this probability';

COMMENT ON COLUMN layers.dispatch_setting.streets_kept_days IS 'former streets, for as long as decisions made on them are replayed';

CREATE TABLE layers.neighbour_post (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY,
    town_id SMALLINT NOT NULL,
    key TEXT NOT NULL,
    neighbour TEXT NOT NULL,
    name TEXT NOT NULL,
    desk_phone TEXT,
    mode TEXT DEFAULT 'car' NOT NULL,
    geom geometry(POINT,4326) NOT NULL,
    cell BIGINT,
    inside BOOLEAN NOT NULL,
    batch_id BIGINT,
    updated TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT neighbour_post_pkey PRIMARY KEY (id),
    CONSTRAINT neighbour_post_town_id_key_key UNIQUE (town_id, key),
    CONSTRAINT neighbour_post_mode_check CHECK (mode IN ('foot', 'ebike', 'car', 'emergency')),
    CONSTRAINT neighbour_post_town_id_fkey FOREIGN KEY(town_id) REFERENCES spatial.town (id),
    CONSTRAINT neighbour_post_batch_id_fkey FOREIGN KEY(batch_id) REFERENCES spatial.batch (id)
);

COMMENT ON TABLE layers.neighbour_post IS 'where neighbouring towns have somebody who could come, and whom to call';

COMMENT ON COLUMN layers.neighbour_post.key IS 'identity in the source';

COMMENT ON COLUMN layers.neighbour_post.neighbour IS 'name of the other town';

COMMENT ON COLUMN layers.neighbour_post.desk_phone IS 'of its duty desk';

COMMENT ON COLUMN layers.neighbour_post.cell IS 'H3 cell at resolution 11';

COMMENT ON COLUMN layers.neighbour_post.inside IS 'lies in this town''s outline';

CREATE INDEX neighbour_post_geom_idx ON layers.neighbour_post USING gist (geom);
