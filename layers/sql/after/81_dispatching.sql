-- What those who dispatch and those who are sent may do, over HTTP. All run as the owner, on what the
-- one who asks may see: a dispatcher the incidents and responders of the own department, or of all.
-- A PostgreSQL login of one's own does and learns nothing here.

-- The town in which the session may dispatch, and whether a department's things are the session's.
CREATE OR REPLACE FUNCTION layers.dispatch_town() RETURNS smallint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF layers.is_trusted_session() AND layers.my_account() IS NOT NULL
       AND layers.my_town_of('orders') IS NOT NULL THEN
        RETURN layers.my_town_of('incidents');
    END IF;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION layers.dispatch_town FROM PUBLIC;

-- The department whose things are the session's; '*': of all of them, NULL: of none.
CREATE OR REPLACE FUNCTION layers.dispatch_department() RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN CASE current_setting('role')
        WHEN 'gridwhistle_system' THEN CASE
            WHEN ARRAY['incidents', 'orders', 'responders'] <@ layers.my_layers() THEN '*'
        END
        WHEN 'gridwhistle_administrator' THEN '*'
        ELSE layers.my_department()
    END;
END $$;
REVOKE EXECUTE ON FUNCTION layers.dispatch_department FROM PUBLIC;

CREATE OR REPLACE FUNCTION layers.is_mine(the_department text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN coalesce(layers.dispatch_department() IN ('*', the_department), false);
END $$;
REVOKE EXECUTE ON FUNCTION layers.is_mine FROM PUBLIC;

-- Locks an incident of one's own; refuses any other as if there were none.
CREATE OR REPLACE FUNCTION layers.lock_incident(the_incident bigint) RETURNS layers.incident
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    found layers.incident;
BEGIN
    SELECT incident.* INTO found
    FROM layers.incident JOIN layers.category ON category.code = incident.category
    WHERE incident.id = the_incident AND incident.town_id = layers.dispatch_town()
      AND layers.is_mine(coalesce(incident.department, category.department))
    FOR UPDATE OF incident;
    IF found.id IS NULL THEN
        RAISE no_data_found
            USING MESSAGE = format('there is no incident %s / 没有这个事件', the_incident);
    END IF;
    RETURN found;
END $$;
REVOKE EXECUTE ON FUNCTION layers.lock_incident FROM PUBLIC;

-- The platform's own order for an incident on which nobody is; NULL: somebody is, or nobody is free.
CREATE OR REPLACE FUNCTION layers.order_first(
    the_incident bigint, candidates jsonb, the_decision bigint
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    sent bigint;
BEGIN
    PERFORM layers.lock_incident(the_incident);
    IF EXISTS (SELECT FROM layers.response_order
               WHERE incident_id = the_incident AND ended_at IS NULL) THEN
        RETURN NULL;
    END IF;
    sent := layers.order_first_of(the_incident, (
        -- Found by their keys first: whose each one is costs more to ask.
        WITH known AS MATERIALIZED (
            SELECT listed.expected, listed.place, responder.department
            FROM jsonb_array_elements(candidates) WITH ORDINALITY AS listed (expected, place)
            JOIN layers.responder ON responder.town_id = layers.dispatch_town()
                AND responder.key = listed.expected ->> 'key'
        )
        SELECT jsonb_agg(known.expected ORDER BY known.place) FROM known
        WHERE layers.is_mine(known.department)
    ), the_decision);
    RETURN (SELECT layers.order_json(response_order) FROM layers.response_order WHERE id = sent);
END $$;
REVOKE EXECUTE ON FUNCTION layers.order_first FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.order_first
    TO gridwhistle_dispatcher, gridwhistle_administrator, gridwhistle_system;

-- What a decision of the town says of one responder; NULL: nothing.
CREATE OR REPLACE FUNCTION layers.expected_of(the_decision bigint, the_key text) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF the_decision IS NOT NULL AND NOT EXISTS (
        SELECT FROM layers.decision WHERE id = the_decision AND town_id = layers.dispatch_town()
    ) THEN
        RAISE no_data_found USING MESSAGE = format('there is no decision %s / 没有这个决策', the_decision);
    END IF;
    RETURN (
        SELECT candidate FROM layers.decision
        CROSS JOIN LATERAL jsonb_path_query(decision.answer, '$.responders[*]') AS candidate
        WHERE decision.id = the_decision AND candidate ->> 'key' = the_key LIMIT 1
    );
END $$;
REVOKE EXECUTE ON FUNCTION layers.expected_of FROM PUBLIC;

-- Sends the responder whom a dispatcher has chosen. Who was slower than another is told whom the
-- responder is with (GW001). When the responder will be there is what the decision says.
CREATE OR REPLACE FUNCTION layers.order_responder(
    the_incident bigint, the_key text, the_decision bigint, the_replaced bigint, the_reason text
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    chosen layers.responder;
    sent bigint;
BEGIN
    PERFORM layers.lock_incident(the_incident);
    SELECT * INTO chosen FROM layers.responder
    WHERE key = the_key AND town_id = layers.dispatch_town() AND layers.is_mine(department);
    IF chosen.id IS NULL THEN
        RAISE no_data_found USING MESSAGE = 'there is no such responder / 没有这个处置力量';
    END IF;
    IF NOT chosen.on_duty THEN
        RAISE object_not_in_prerequisite_state
            USING MESSAGE = format('%s is not on duty / %s 不在岗', chosen.label, chosen.label);
    END IF;
    IF the_replaced IS NOT NULL AND NOT EXISTS (
        SELECT FROM layers.response_order WHERE id = the_replaced AND incident_id = the_incident
    ) THEN
        RAISE no_data_found USING MESSAGE = format(
            'the incident has no order %s / 该事件没有这条指令', the_replaced
        );
    END IF;
    sent := layers.place_order(
        the_incident, chosen.id, layers.expected_of(the_decision, the_key), the_decision,
        the_replaced, the_reason
    );
    IF sent IS NULL THEN
        PERFORM layers.refuse_taken(chosen, the_incident);
    END IF;
    RETURN (SELECT layers.order_json(response_order) FROM layers.response_order WHERE id = sent);
END $$;
REVOKE EXECUTE ON FUNCTION layers.order_responder FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.order_responder
    TO gridwhistle_dispatcher, gridwhistle_administrator;

-- Says who was faster, or that the responder has been sent to this very incident. Of an incident
-- that isn't the asker's only that there is one.
DROP FUNCTION IF EXISTS layers.refuse_taken(layers.responder);
CREATE OR REPLACE FUNCTION layers.refuse_taken(
    chosen layers.responder, wanted_for bigint
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    holder record;
BEGIN
    SELECT held.id, held.ordered_at, incident.id AS incident_id, incident.number,
           account.display_name, layers.is_mine(coalesce(incident.department, category.department))
               AS is_mine
    INTO holder
    FROM layers.response_order AS held
    JOIN layers.incident ON incident.id = held.incident_id
    JOIN layers.category ON category.code = incident.category
    LEFT JOIN layers.account ON account.id = held.ordered_by
    WHERE held.responder_id = chosen.id AND held.ended_at IS NULL;
    RAISE SQLSTATE 'GW001' USING
        MESSAGE = format(
            CASE WHEN holder.incident_id = wanted_for
                THEN '%s has already been sent to this incident / %s 已派往本事件'
                ELSE '%s has just been ordered elsewhere / %s 已被派往其他事件'
            END, chosen.label, chosen.label
        ),
        DETAIL = jsonb_build_object(
            'responder', chosen.key, 'label', chosen.label, 'ordered_at', holder.ordered_at,
            'seconds_ago', round(extract(epoch FROM clock_timestamp() - holder.ordered_at)),
            'by', coalesce(holder.display_name, '系统 the platform'),
            'order', CASE WHEN holder.is_mine THEN holder.id END,
            'incident', CASE WHEN holder.is_mine THEN holder.incident_id END,
            'number', CASE WHEN holder.is_mine THEN holder.number END
        )::text;
END $$;
REVOKE EXECUTE ON FUNCTION layers.refuse_taken FROM PUBLIC;

-- A dispatcher moves an order: takes it back, or says what the responder said by radio.
CREATE OR REPLACE FUNCTION layers.act_on_order(
    the_order bigint, the_action text, seen_revision integer, the_reason text
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    sent layers.response_order;
BEGIN
    IF NOT EXISTS (
        SELECT FROM layers.response_order
        WHERE id = the_order AND town_id = layers.dispatch_town() AND layers.is_mine(department)
    ) THEN
        RAISE no_data_found USING MESSAGE = format('there is no order %s / 没有这条指令', the_order);
    END IF;
    sent := layers.move_order(the_order, the_action, 'dispatcher', the_reason, seen_revision);
    RETURN layers.order_json(sent);
END $$;
REVOKE EXECUTE ON FUNCTION layers.act_on_order FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.act_on_order TO gridwhistle_dispatcher, gridwhistle_administrator;

-- A responder moves an order of the own; any other's is as if there were none.
CREATE OR REPLACE FUNCTION layers.act_on_own_order(
    the_order bigint, the_action text, seen_revision integer, the_reason text
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    sent layers.response_order;
BEGIN
    IF NOT EXISTS (
        SELECT FROM layers.response_order JOIN layers.account USING (town_id, responder_id)
        WHERE response_order.id = the_order AND account.id = layers.my_account()
          AND town_id = layers.dispatch_town() AND account.disabled_at IS NULL
    ) THEN
        RAISE no_data_found USING MESSAGE = format('there is no order %s / 没有这条指令', the_order);
    END IF;
    sent := layers.move_order(the_order, the_action, 'responder', the_reason, seen_revision);
    RETURN layers.order_json(sent);
END $$;
REVOKE EXECUTE ON FUNCTION layers.act_on_own_order FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.act_on_own_order TO gridwhistle_officer, gridwhistle_grid_member;

-- The orders of the town, newest first.
CREATE OR REPLACE FUNCTION layers.listed_orders(only_active boolean, most integer)
RETURNS SETOF jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT layers.order_json(response_order) FROM layers.response_order
    WHERE town_id = (SELECT layers.dispatch_town())
      AND (SELECT layers.dispatch_department()) IN ('*', department)
      AND (ended_at IS NULL OR NOT only_active)
    ORDER BY ordered_at DESC, id DESC LIMIT most
$$;
REVOKE EXECUTE ON FUNCTION layers.listed_orders FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.listed_orders
    TO gridwhistle_dispatcher, gridwhistle_administrator, gridwhistle_officer;

-- What the town has settled; no secret, of one's own town.
CREATE OR REPLACE FUNCTION layers.dispatch_settings(the_town smallint)
RETURNS SETOF layers.dispatch_setting
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT * FROM layers.dispatch_setting
    WHERE town_id = the_town AND (layers.is_owner_session() OR the_town = layers.my_town());
END $$;
REVOKE EXECUTE ON FUNCTION layers.dispatch_settings FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.dispatch_settings
    TO gridwhistle_dispatcher, gridwhistle_administrator, gridwhistle_officer,
    gridwhistle_grid_member, gridwhistle_planner, gridwhistle_system;
