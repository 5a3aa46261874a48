-- What a dispatcher does with an incident by hand, and what is read of it.

-- Says what an action needs and wasn't given, or was done to an incident that has changed since.
CREATE OR REPLACE FUNCTION layers.check_action(
    known layers.incident, the_action text, seen_revision integer, details jsonb
) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    step layers.incident_step;
    missing text;
BEGIN
    IF seen_revision IS DISTINCT FROM known.revision THEN
        RAISE object_in_use USING MESSAGE = format(
            'the incident has changed since: it is %s, revision %s / 事件已更新,请刷新',
            known.state, known.revision
        );
    END IF;
    SELECT * INTO step FROM layers.incident_step
    WHERE from_state = known.state AND action = the_action AND by_hand;
    IF step.action IS NULL THEN
        RAISE object_not_in_prerequisite_state USING MESSAGE = format(
            'an incident that is %s can''t be followed by %s / 事件当前状态不允许此操作',
            known.state, the_action
        );
    END IF;
    SELECT need INTO missing FROM unnest(step.needs) AS need WHERE details ->> need IS NULL LIMIT 1;
    IF missing IS NOT NULL THEN
        RAISE invalid_parameter_value
            USING MESSAGE = format('%s wants "%s" / 缺少 %s', the_action, missing, missing);
    END IF;
END $$;
REVOKE EXECUTE ON FUNCTION layers.check_action FROM PUBLIC;

-- Another category, and by the rules another department and urgency, unless these are said.
CREATE OR REPLACE FUNCTION layers.reclassify(the_incident bigint, details jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    whose record;
BEGIN
    IF NOT EXISTS (SELECT FROM layers.category WHERE code = details ->> 'category')
       OR (details ->> 'department' IS NOT NULL AND NOT EXISTS (
           SELECT FROM layers.department WHERE code = details ->> 'department'))
       OR NOT coalesce((details ->> 'severity')::integer, 1) BETWEEN 1 AND 4 THEN
        RAISE invalid_parameter_value
            USING MESSAGE = 'there is no such category, department or severity / 类别、部门或等级不对';
    END IF;
    UPDATE layers.incident SET category = details ->> 'category' WHERE id = the_incident;
    SELECT * INTO whose FROM layers.classify_incident(the_incident);
    UPDATE layers.incident
    SET department = coalesce(details ->> 'department', whose.department),
        severity = coalesce((details ->> 'severity')::smallint, whose.severity)
    WHERE id = the_incident;
END $$;
REVOKE EXECUTE ON FUNCTION layers.reclassify FROM PUBLIC;

-- Two reports of one thing: every report stays, under the incident that goes on.
CREATE OR REPLACE FUNCTION layers.merge_into(merged layers.incident, the_other bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    other layers.incident;
BEGIN
    other := layers.lock_incident(the_other);
    IF other.id = merged.id OR layers.is_final(other.state) THEN
        RAISE object_not_in_prerequisite_state USING
            MESSAGE = 'an incident is merged into another one that is open / 只能并入另一未办结事件';
    END IF;
    UPDATE layers.report SET incident_id = other.id WHERE incident_id = merged.id;
END $$;
REVOKE EXECUTE ON FUNCTION layers.merge_into FROM PUBLIC;

-- Takes back the orders of an incident that needs nobody any more.
CREATE OR REPLACE FUNCTION layers.release_responders(the_incident bigint, why text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    sent bigint;
BEGIN
    FOR sent IN
        SELECT id FROM layers.response_order
        WHERE incident_id = the_incident AND ended_at IS NULL ORDER BY id
    LOOP
        PERFORM layers.move_order(sent, 'withdraw', 'system', why);
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION layers.release_responders FROM PUBLIC;

CREATE OR REPLACE FUNCTION layers.act_on_incident(
    the_incident bigint, the_action text, seen_revision integer, details jsonb
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    known layers.incident;
BEGIN
    -- Two that are merged into each other at once: the smaller one is locked first.
    IF the_action = 'merge' AND (details ->> 'into')::bigint < the_incident THEN
        PERFORM layers.lock_incident((details ->> 'into')::bigint);
    END IF;
    known := layers.lock_incident(the_incident);
    PERFORM layers.check_action(known, the_action, seen_revision, details);
    IF the_action = 'classify' THEN
        PERFORM layers.reclassify(the_incident, details);
    ELSIF the_action = 'merge' THEN
        PERFORM layers.merge_into(known, (details ->> 'into')::bigint);
    END IF;
    PERFORM layers.add_event(the_incident, the_action, details);
    SELECT * INTO known FROM layers.incident WHERE id = the_incident;
    IF layers.is_final(known.state) THEN
        PERFORM layers.release_responders(the_incident, the_action);
    END IF;
    RETURN (SELECT layers.incident_json(incident) FROM layers.incident WHERE id = the_incident);
END $$;
REVOKE EXECUTE ON FUNCTION layers.act_on_incident FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.act_on_incident TO gridwhistle_dispatcher, gridwhistle_administrator;

-- Incidents as those who dispatch, or an officer of the department, read them.
CREATE OR REPLACE FUNCTION layers.listed_incidents(only_open boolean, most integer)
RETURNS SETOF jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT layers.incident_json(incident)
    FROM layers.incident JOIN layers.category ON category.code = incident.category
    WHERE incident.town_id = (SELECT layers.dispatch_town())
      AND (SELECT layers.dispatch_department())
          IN ('*', coalesce(incident.department, category.department))
      AND (NOT only_open OR incident.state NOT IN ('closed', 'merged', 'rejected', 'cancelled'))
    ORDER BY incident.number IS NULL, incident.reported_at DESC, incident.occurred_at DESC,
             incident.id DESC
    LIMIT most
$$;
REVOKE EXECUTE ON FUNCTION layers.listed_incidents FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.listed_incidents
    TO gridwhistle_dispatcher, gridwhistle_administrator, gridwhistle_officer;

-- One of them with what was done; NULL where there is none that the asker may see.
CREATE OR REPLACE FUNCTION layers.incident_document(the_incident bigint) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT layers.incident_json(incident) || jsonb_build_object('events', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'seq', event.seq, 'at', event.at, 'action', event.action,
            'from_state', event.from_state, 'to_state', event.to_state, 'data', event.data,
            'by', account.display_name, 'hash', encode(event.hash, 'hex')
        ) ORDER BY event.seq), '[]')
        FROM layers.incident_event AS event LEFT JOIN layers.account ON account.id = event.actor
        WHERE event.incident_id = incident.id
    ), 'actions', (
        SELECT coalesce(jsonb_agg(jsonb_build_object('action', action, 'needs', needs)
                                  ORDER BY action), '[]')
        FROM layers.incident_step WHERE from_state = incident.state AND by_hand
    ))
    FROM layers.incident JOIN layers.category ON category.code = incident.category
    WHERE incident.id = the_incident AND incident.town_id = (SELECT layers.dispatch_town())
      AND layers.is_mine(coalesce(incident.department, category.department))
$$;
REVOKE EXECUTE ON FUNCTION layers.incident_document FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.incident_document
    TO gridwhistle_dispatcher, gridwhistle_administrator, gridwhistle_officer;

-- What callers said: personal, for those who dispatch.
CREATE OR REPLACE FUNCTION layers.reports_of(the_incident bigint) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'source', report.source, 'source_id', report.source_id,
        'received_at', report.received_at, 'occurred_at', report.occurred_at,
        'text', report.text, 'contact', report.contact, 'accuracy_m', report.accuracy_m
    ) ORDER BY report.id), '[]')
    FROM layers.report JOIN layers.incident ON incident.id = report.incident_id
    JOIN layers.category ON category.code = incident.category
    WHERE report.incident_id = the_incident AND report.town_id = (SELECT layers.dispatch_town())
      AND layers.is_mine(coalesce(incident.department, category.department))
$$;
REVOKE EXECUTE ON FUNCTION layers.reports_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.reports_of TO gridwhistle_dispatcher, gridwhistle_administrator;

-- The incident of a report that was just taken down, for whoever reported it.
CREATE OR REPLACE FUNCTION layers.reported_incident(the_source text, the_source_id text)
RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    -- A grid member is told of the own reports alone, and not who was sent.
    RETURN (
        SELECT CASE
            WHEN current_setting('role') <> 'gridwhistle_grid_member'
                THEN layers.incident_json(incident)
            WHEN report.account_id = layers.my_account()
                THEN layers.incident_json(incident) - 'orders'
        END
        FROM layers.report JOIN layers.incident ON incident.id = report.incident_id
        WHERE report.town_id = layers.reporting_town()
          AND report.source = the_source AND report.source_id = the_source_id
    );
END $$;
REVOKE EXECUTE ON FUNCTION layers.reported_incident FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.reported_incident
    TO gridwhistle_dispatcher, gridwhistle_administrator, gridwhistle_grid_member, gridwhistle_system;
