-- Orders: sent to one responder, moved by steps, each noted as an event of its incident. Whoever
-- touches an order locks its incident first, so that two never wait for each other.

-- Whoever pushes orders listens; it is told whose order and which.
CREATE OR REPLACE FUNCTION layers.tell_order() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_notify('gridwhistle_orders', format('%s %s', NEW.responder_id, NEW.id));
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER tell_order AFTER INSERT OR UPDATE OF state ON layers.response_order
    FOR EACH ROW EXECUTE FUNCTION layers.tell_order();

-- Where an order came from is what it was, whatever is written.
CREATE OR REPLACE FUNCTION layers.step_order() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.came_from := OLD.state;
    NEW.revision := OLD.revision + 1;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER step_order BEFORE UPDATE OF state ON layers.response_order
    FOR EACH ROW EXECUTE FUNCTION layers.step_order();

-- An order as it is told to pages and programs. For the owner's functions.
CREATE OR REPLACE FUNCTION layers.order_json(sent layers.response_order) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'id', sent.id, 'incident', sent.incident_id, 'number', incident.number,
            'title', incident.title, 'category', incident.category, 'severity', incident.severity,
            'lon', ST_X(incident.geom), 'lat', ST_Y(incident.geom),
            'responder', responder.key, 'label', responder.label, 'mode', responder.mode,
            'department', sent.department, 'is_lead', sent.is_lead, 'state', sent.state,
            'revision', sent.revision, 'ordered_at', sent.ordered_at,
            'delivered_at', sent.delivered_at, 'seen_at', sent.seen_at,
            'accepted_at', sent.accepted_at, 'arrived_at', sent.arrived_at,
            'reported_at', sent.reported_at, 'ended_at', sent.ended_at, 'eta_s', sent.eta_s,
            'distance_m', sent.distance_m, 'hold_probability', sent.hold_probability,
            'decision', sent.decision_id, 'replaces', sent.replaces, 'reason', sent.reason,
            'told', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'channel', channel, 'sent_at', sent_at, 'delivered_at', message.delivered_at,
                'failed_at', failed_at
            ) ORDER BY message.id), '[]') FROM layers.order_message AS message
                WHERE order_id = sent.id AND kind = 'order')
        )
        FROM layers.incident, layers.responder
        WHERE incident.id = sent.incident_id AND responder.id = sent.responder_id
    );
END $$;
REVOKE EXECUTE ON FUNCTION layers.order_json FROM PUBLIC;

-- Sends one responder to an incident that the caller has locked; NULL: the responder has an order
-- already. Waits for whoever is ordering the same one at the moment. For the owner's functions.
CREATE OR REPLACE FUNCTION layers.place_order(
    the_incident bigint, the_responder bigint, expected jsonb, the_decision bigint,
    the_replaced bigint, the_reason text
) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    sent layers.response_order;
    leads CONSTANT boolean := NOT EXISTS (
        SELECT FROM layers.response_order
        WHERE incident_id = the_incident AND is_lead AND ended_at IS NULL
    );
BEGIN
    INSERT INTO layers.response_order (
        town_id, incident_id, responder_id, department, is_lead, eta_s, distance_m,
        hold_probability, decision_id, ordered_by, replaces, reason
    )
    SELECT town_id, the_incident, id, department, leads, (expected ->> 'eta_s')::float,
           (expected ->> 'distance_m')::float, (expected ->> 'hold_probability')::float,
           the_decision, layers.my_account(), the_replaced, the_reason
    FROM layers.responder WHERE id = the_responder
    ON CONFLICT (responder_id) WHERE ended_at IS NULL DO NOTHING
    RETURNING * INTO sent;
    IF sent.id IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM layers.add_event(the_incident, 'order', jsonb_build_object(
        'order', sent.id, 'responder', (SELECT key FROM layers.responder WHERE id = the_responder),
        'is_lead', sent.is_lead, 'eta_s', sent.eta_s, 'decision', the_decision,
        'replaces', the_replaced, 'reason', the_reason
    ));
    IF the_replaced IS NOT NULL THEN
        PERFORM layers.hand_over(the_replaced, sent.id);
    END IF;
    RETURN sent.id;
END $$;
REVOKE EXECUTE ON FUNCTION layers.place_order FROM PUBLIC;

-- The first who is free of several, best first, [{"key", "eta_s", ...}], is sent; NULL: none is free.
-- For the owner: the platform's own orders, and those whom nobody accepted.
CREATE OR REPLACE FUNCTION layers.order_first_of(
    the_incident bigint, candidates jsonb, the_decision bigint, the_replaced bigint DEFAULT NULL
) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    candidate record;
    sent bigint;
BEGIN
    PERFORM FROM layers.incident WHERE id = the_incident FOR UPDATE;
    FOR candidate IN
        SELECT responder.id, expected
        FROM jsonb_array_elements(candidates) WITH ORDINALITY AS listed (expected, place)
        JOIN layers.incident ON incident.id = the_incident
        JOIN layers.responder
            ON responder.town_id = incident.town_id AND responder.key = expected ->> 'key'
        WHERE responder.on_duty ORDER BY place
    LOOP
        sent := layers.place_order(
            the_incident, candidate.id, candidate.expected, the_decision, the_replaced, NULL
        );
        EXIT WHEN sent IS NOT NULL;
    END LOOP;
    RETURN sent;
END $$;
REVOKE EXECUTE ON FUNCTION layers.order_first_of FROM PUBLIC;

-- An order that another one replaces ends, and hands on its lead.
CREATE OR REPLACE FUNCTION layers.hand_over(the_old bigint, the_new bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    old layers.response_order;
BEGIN
    SELECT * INTO old FROM layers.response_order WHERE id = the_old FOR UPDATE;
    IF old.incident_id IS DISTINCT FROM (
        SELECT incident_id FROM layers.response_order WHERE id = the_new
    ) THEN
        RAISE object_not_in_prerequisite_state
            USING MESSAGE = 'the order to be replaced is another incident''s / 被替换的指令属于其他事件';
    END IF;
    IF old.ended_at IS NULL THEN
        PERFORM layers.move_order(
            old.id, CASE WHEN old.state IN ('sent', 'delivered', 'seen') AND layers.my_account() IS NULL
                         THEN 'lapse' ELSE 'withdraw' END, 'system'
        );
        UPDATE layers.response_order SET is_lead = is_lead OR old.is_lead WHERE id = the_new;
    END IF;
END $$;
REVOKE EXECUTE ON FUNCTION layers.hand_over FROM PUBLIC;

-- Moves an order by one step, as a responder, a dispatcher or the system; what was done already is
-- not done twice, since messages come twice. For the owner's functions, and for what runs as the owner.
CREATE OR REPLACE FUNCTION layers.move_order(
    the_order bigint, the_action text, who text, the_reason text DEFAULT NULL,
    seen_revision integer DEFAULT NULL
) RETURNS layers.response_order
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    sent layers.response_order;
    step layers.order_step;
    moment timestamptz;
BEGIN
    PERFORM FROM layers.incident WHERE id = (
        SELECT incident_id FROM layers.response_order WHERE id = the_order
    ) FOR UPDATE;
    SELECT * INTO sent FROM layers.response_order WHERE id = the_order FOR UPDATE;
    IF sent.id IS NULL THEN
        RAISE no_data_found USING MESSAGE = format('there is no order %s / 没有这条指令', the_order);
    END IF;
    IF layers.order_has_seen(sent, the_action) THEN
        RETURN sent;
    END IF;
    IF seen_revision <> sent.revision THEN
        RAISE object_in_use
            USING MESSAGE = format('the order is %s by now / 指令已更新', sent.state);
    END IF;
    SELECT * INTO step FROM layers.order_step WHERE from_state = sent.state AND action = the_action;
    IF step.action IS NULL THEN
        RAISE object_not_in_prerequisite_state USING MESSAGE = format(
            'an order that is %s can''t be followed by %s / 指令当前状态不允许此操作',
            sent.state, the_action
        );
    END IF;
    IF NOT who = ANY (step."by") THEN
        RAISE insufficient_privilege USING MESSAGE = format('%s is not for a %s', the_action, who);
    END IF;
    moment := greatest(clock_timestamp(), sent.ordered_at, sent.delivered_at, sent.seen_at,
                       sent.accepted_at, sent.arrived_at, sent.reported_at);
    UPDATE layers.response_order SET
        state = step.to_state, by_action = the_action,
        delivered_at = CASE WHEN who = 'responder' OR the_action = 'deliver'
                            THEN coalesce(delivered_at, moment) ELSE delivered_at END,
        seen_at = CASE WHEN who = 'responder' AND the_action <> 'deliver'
                       THEN coalesce(seen_at, moment) ELSE seen_at END,
        accepted_at = CASE WHEN the_action IN ('accept', 'arrive')
                           THEN coalesce(accepted_at, moment) ELSE accepted_at END,
        arrived_at = CASE WHEN the_action = 'arrive' THEN moment ELSE arrived_at END,
        reported_at = CASE WHEN the_action IN ('report', 'done')
                           THEN coalesce(reported_at, moment) ELSE reported_at END,
        ended_at = CASE WHEN step.to_state IN ('done', 'declined', 'lapsed', 'withdrawn')
                        THEN moment END,
        reason = coalesce(the_reason, reason)
    WHERE id = the_order RETURNING * INTO sent;
    IF the_action NOT IN ('deliver', 'seen') THEN
        PERFORM layers.add_event(sent.incident_id, 'order_' || the_action, jsonb_build_object(
            'order', sent.id, 'by', who, 'said', the_reason,
            'responder', (SELECT key FROM layers.responder WHERE id = sent.responder_id)
        ));
    END IF;
    IF sent.ended_at IS NOT NULL THEN
        PERFORM layers.follow_end_of_order(sent);
    END IF;
    RETURN sent;
END $$;
REVOKE EXECUTE ON FUNCTION layers.move_order FROM PUBLIC;

-- Whether an order is past what an action would make of it. A further report is told each time.
CREATE OR REPLACE FUNCTION layers.order_has_seen(sent layers.response_order, the_action text)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE the_action
        WHEN 'deliver' THEN sent.delivered_at IS NOT NULL
        WHEN 'seen' THEN sent.seen_at IS NOT NULL
        WHEN 'accept' THEN sent.accepted_at IS NOT NULL AND sent.ended_at IS NULL
        WHEN 'arrive' THEN sent.arrived_at IS NOT NULL AND sent.ended_at IS NULL
        WHEN 'decline' THEN sent.state = 'declined'
        WHEN 'lapse' THEN sent.state = 'lapsed'
        WHEN 'withdraw' THEN sent.state = 'withdrawn'
        WHEN 'done' THEN sent.state = 'done'
        ELSE false
    END
$$;

-- With its last order done an incident is handled; with its last one gone otherwise it waits again.
CREATE OR REPLACE FUNCTION layers.follow_end_of_order(ended layers.response_order) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    others CONSTANT boolean := EXISTS (
        SELECT FROM layers.response_order WHERE incident_id = ended.incident_id AND ended_at IS NULL
    );
BEGIN
    IF (SELECT state NOT IN ('dispatched', 'handling') FROM layers.incident
        WHERE id = ended.incident_id) THEN
        RETURN;
    END IF;
    IF ended.state = 'done' AND (ended.is_lead OR NOT others) THEN
        PERFORM layers.add_event(ended.incident_id, 'finish', jsonb_build_object('order', ended.id));
    ELSIF ended.state <> 'done' AND NOT others THEN
        PERFORM layers.add_event(ended.incident_id, 'return', jsonb_build_object('order', ended.id));
    END IF;
END $$;
REVOKE EXECUTE ON FUNCTION layers.follow_end_of_order FROM PUBLIC;
