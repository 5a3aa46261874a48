-- Reports become incidents, and incidents are acted upon by those who dispatch.

-- Whose an incident is: the first rule that fits, else its category's department.
CREATE OR REPLACE FUNCTION layers.classify(
    the_category text, the_kind text, the_source text, OUT department text,
    OUT co_departments text[], OUT skills text[], OUT severity smallint, OUT reason text
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT fitting.department, fitting.co_departments, fitting.skills, fitting.severity, fitting.reason
    INTO department, co_departments, skills, severity, reason
    FROM (
        SELECT rule.ordinal, rule.department, rule.co_departments, rule.skills, rule.severity,
               rule.reason
        FROM layers.dispatch_rule AS rule
        WHERE coalesce(rule.category, the_category) = the_category
          AND (rule.premises_kind IS NULL OR rule.premises_kind = the_kind)
          AND coalesce(rule.source, the_source) = the_source
        UNION ALL
        SELECT NULL, category.department, '{}', '{}', 3::smallint, NULL FROM layers.category
        WHERE category.code = the_category
    ) AS fitting
    ORDER BY fitting.ordinal NULLS LAST LIMIT 1;
END $$;
REVOKE EXECUTE ON FUNCTION layers.classify FROM PUBLIC;

-- A rule that wants a skill which nobody can have, or the help of a department that there isn't, would
-- leave everybody out of every incident that it fits.
CREATE OR REPLACE FUNCTION layers.check_dispatch_rule() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    unknown CONSTANT text := coalesce(
        (SELECT min(code) FROM unnest(NEW.skills) AS said (code)
         WHERE NOT EXISTS (SELECT FROM layers.skill WHERE skill.code = said.code)),
        (SELECT min(code) FROM unnest(NEW.co_departments) AS said (code)
         WHERE NOT EXISTS (SELECT FROM layers.department WHERE department.code = said.code))
    );
BEGIN
    IF unknown IS NOT NULL THEN
        RAISE check_violation USING
            MESSAGE = format('there is no skill or department %s / 没有这个技能或部门', left(unknown, 60));
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER check_codes BEFORE INSERT OR UPDATE ON layers.dispatch_rule
    FOR EACH ROW EXECUTE FUNCTION layers.check_dispatch_rule();

-- The premises that a point belongs to: the nearest as far as the point is exact, and none where it
-- is too vague to tell.
CREATE OR REPLACE FUNCTION layers.premises_at(
    the_town smallint, point public.geometry, accuracy_m double precision, most_m double precision
) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (
        WITH reach AS (SELECT CASE WHEN coalesce(accuracy_m, most_m) <= most_m
                                   THEN coalesce(accuracy_m, most_m) END AS m)
        SELECT premises.id FROM reach, layers.premises
        WHERE premises.town_id = the_town AND premises.geom && ST_Expand(
                point, reach.m / (111320 * greatest(cos(radians(ST_Y(point))), 0.01)), reach.m / 110000
            )
          AND ST_DistanceSphere(premises.geom, point) <= reach.m
        ORDER BY ST_DistanceSphere(premises.geom, point), premises.id LIMIT 1
    );
END $$;
REVOKE EXECUTE ON FUNCTION layers.premises_at FROM PUBLIC;

-- An incident as it is told to pages and programs, with its orders. For the owner's functions.
CREATE OR REPLACE FUNCTION layers.incident_json(found layers.incident) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'id', found.id, 'number', found.number, 'title', found.title, 'state', found.state,
            'revision', found.revision, 'category', found.category, 'category_name', category.name,
            'category_name_en', category.name_en, 'severity', found.severity,
            'department', coalesce(found.department, category.department), 'source', found.source,
            'lon', ST_X(found.geom), 'lat', ST_Y(found.geom), 'inside', found.inside,
            'place_source', found.place_source, 'place_accuracy_m', found.place_accuracy_m,
            'premises', (SELECT name FROM layers.premises WHERE id = found.premises_id),
            'micro_grid', coalesce(share.code, version.code),
            'occurred_at', found.occurred_at, 'reported_at', found.reported_at,
            'closed_at', found.closed_at, 'merged_into', found.merged_into,
            'orders', (SELECT coalesce(jsonb_agg(layers.order_json(sent) ORDER BY sent.id), '[]')
                       FROM layers.response_order AS sent WHERE sent.incident_id = found.id)
        )
        FROM layers.category
        LEFT JOIN grids.version ON version.id = found.grid_version_id
        LEFT JOIN grids.share_version ON share_version.id = found.share_version_id
        LEFT JOIN grids.share ON share.id = share_version.share_id
        WHERE category.code = found.category
    );
END $$;
REVOKE EXECUTE ON FUNCTION layers.incident_json FROM PUBLIC;

-- When something happened, by a source's clock as far as it can be believed.
CREATE OR REPLACE FUNCTION layers.believable_time(
    the_town smallint, said timestamptz, OUT at timestamptz, OUT doubt text
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    -- A demo's clock stands still.
    here CONSTANT timestamptz := coalesce(
        (SELECT as_of FROM spatial.town WHERE id = the_town), clock_timestamp()
    );
    ahead CONSTANT interval := make_interval(secs => coalesce(
        (SELECT clock_ahead_s FROM layers.dispatch_setting WHERE town_id = the_town), 300
    ));
BEGIN
    doubt := CASE
        WHEN said > greatest(here, clock_timestamp()) + ahead THEN 'clock_ahead'
        WHEN said < here - interval '1 year' THEN 'clock_behind'
    END;
    at := CASE WHEN doubt IS NULL THEN least(coalesce(said, here), here) ELSE here END;
END $$;
REVOKE EXECUTE ON FUNCTION layers.believable_time FROM PUBLIC;

-- A report's incident, placed and classified; what was done is noted next. For the owner's functions.
CREATE OR REPLACE FUNCTION layers.place_incident(
    said jsonb, the_town smallint, the_cell bigint, happened timestamptz
) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    point CONSTANT geometry := ST_SetSRID(
        ST_MakePoint((said ->> 'lon')::float, (said ->> 'lat')::float), 4326
    );
    accuracy CONSTANT float := said ->> 'accuracy_m';
    town spatial.town;
    the_premises CONSTANT bigint := layers.premises_at(the_town, point, accuracy, coalesce(
        (SELECT premises_within_m FROM layers.dispatch_setting WHERE town_id = the_town), 30
    ));
    whose record;
    the_number text;
    made bigint;
BEGIN
    SELECT * INTO town FROM spatial.town WHERE id = the_town;
    SELECT * INTO whose FROM layers.classify(
        said ->> 'category', (SELECT kind FROM layers.premises WHERE id = the_premises),
        said ->> 'source'
    );
    the_number := 'E' || to_char(clock_timestamp() AT TIME ZONE town.time_zone, 'YYYYMMDD')
                  || lpad(nextval('layers.incident_number')::text, 6, '0');
    INSERT INTO layers.incident (
        town_id, key, number, title, category, state, source, occurred_at, reported_at, cell,
        grid_version_id, premises_id, geom, inside, place_source, place_accuracy_m,
        department, severity
    ) VALUES (
        the_town, the_number, the_number, said ->> 'title', said ->> 'category', 'reported',
        said ->> 'source', happened, clock_timestamp(), the_cell,
        (SELECT version.id FROM grids.version
         JOIN grids.unit ON unit.id = version.unit_id AND unit.level = 4
         WHERE version.town_id = the_town
           AND version.valid @> coalesce(town.as_of, clock_timestamp())
           AND version.geom && point AND ST_Intersects(version.geom, point)
         ORDER BY version.unit_id LIMIT 1),
        the_premises, point, coalesce(ST_Intersects(town.outline, point), true), 'report', accuracy,
        whose.department, whose.severity
    ) RETURNING id INTO made;
    INSERT INTO layers.report (
        town_id, incident_id, source, source_id, occurred_at, geom, datum, accuracy_m, category,
        text, contact, account_id
    ) VALUES (
        the_town, made, said ->> 'source', said ->> 'source_id',
        (said ->> 'occurred_at')::timestamptz, point, said ->> 'datum', accuracy,
        said ->> 'category', said ->> 'text', said ->> 'contact', layers.my_account()
    );
    RETURN made;
END $$;
REVOKE EXECUTE ON FUNCTION layers.place_incident FROM PUBLIC;

-- Whose an incident is, by the rules as they are.
CREATE OR REPLACE FUNCTION layers.classify_incident(
    the_incident bigint, OUT department text, OUT co_departments text[], OUT skills text[],
    OUT severity smallint, OUT reason text
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT whose.* INTO department, co_departments, skills, severity, reason
    FROM layers.incident
    LEFT JOIN layers.premises ON premises.id = incident.premises_id
    CROSS JOIN LATERAL layers.classify(incident.category, premises.kind, incident.source) AS whose
    WHERE incident.id = the_incident;
END $$;
REVOKE EXECUTE ON FUNCTION layers.classify_incident FROM PUBLIC;

-- The town that a session may report to: over HTTP, those who dispatch, grid members, and systems that
-- are granted the incidents.
CREATE OR REPLACE FUNCTION layers.reporting_town() RETURNS smallint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT layers.is_trusted_session() OR layers.my_account() IS NULL
       OR layers.my_town_of('incidents') IS NULL
       OR (current_setting('role') = 'gridwhistle_system'
           AND NOT coalesce('incidents' = ANY (layers.my_layers()), false))
       OR (current_setting('role') = 'gridwhistle_grid_member' AND layers.my_grid() IS NULL) THEN
        RAISE insufficient_privilege USING MESSAGE = 'reports are taken over HTTP from those who may';
    END IF;
    RETURN layers.my_town_of('incidents');
END $$;
REVOKE EXECUTE ON FUNCTION layers.reporting_town FROM PUBLIC;

-- Grid members report what they find themselves, in their own grid: a phone's place may lie 50 m
-- across its border. Refuses them everything else; who else reports is asked nothing.
CREATE OR REPLACE FUNCTION layers.refuse_elsewhere(said jsonb, the_town smallint) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    point geometry;
BEGIN
    IF current_setting('role') <> 'gridwhistle_grid_member' THEN
        RETURN;
    END IF;
    point := ST_SetSRID(ST_MakePoint((said ->> 'lon')::float, (said ->> 'lat')::float), 4326);
    IF said ->> 'source' <> 'grid_member' THEN
        RAISE insufficient_privilege
            USING MESSAGE = 'grid members report as grid_member / 网格员上报的来源为 grid_member';
    END IF;
    IF NOT EXISTS (
        SELECT FROM grids.version
        WHERE unit_id = layers.my_grid() AND town_id = the_town AND valid @> coalesce(
                (SELECT as_of FROM spatial.town WHERE id = the_town), clock_timestamp()
            )
          AND geom && ST_Expand(point, 0.001) AND ST_DWithin(geom::geography, point::geography, 50)
    ) THEN
        RAISE insufficient_privilege USING MESSAGE =
            'that is outside your grid: tell the dispatchers / 不在您的网格内,请告知调度台';
    END IF;
END $$;
REVOKE EXECUTE ON FUNCTION layers.refuse_elsewhere FROM PUBLIC;

-- Takes a report down, once: it is placed and classified, and becomes an incident. The same report
-- again, even at the same moment, gives the same incident. Runs as the owner, for those who dispatch,
-- for grid members, and for systems that are granted the incidents.
DROP FUNCTION IF EXISTS layers.take_down(jsonb, bigint);
CREATE FUNCTION layers.take_down(
    said jsonb, the_cell bigint,
    OUT is_new boolean, OUT incident bigint, OUT is_mine boolean, OUT departments text[],
    OUT skills text[], OUT doubts text[], OUT known_lon double precision,
    OUT known_lat double precision
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    the_town CONSTANT smallint := layers.reporting_town();
    happened record;
    whose record;
BEGIN
    PERFORM layers.refuse_elsewhere(said, the_town);
    IF NOT EXISTS (SELECT FROM layers.category WHERE code = said ->> 'category') THEN
        RAISE invalid_parameter_value USING MESSAGE = 'no such category / 没有这个类别; known: ' || (
            SELECT string_agg(code, ', ' ORDER BY code) FROM layers.category
        );
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended(
        format('report %s %s %s', the_town, said ->> 'source', said ->> 'source_id'), 0
    ));
    SELECT report.incident_id INTO incident FROM layers.report
    WHERE report.town_id = the_town AND report.source = said ->> 'source'
      AND report.source_id = said ->> 'source_id';
    is_new := incident IS NULL;
    IF NOT is_new AND current_setting('role') = 'gridwhistle_grid_member' AND NOT EXISTS (
        SELECT FROM layers.report
        WHERE report.town_id = the_town AND report.source = said ->> 'source'
          AND report.source_id = said ->> 'source_id' AND report.account_id = layers.my_account()
    ) THEN
        RAISE insufficient_privilege
            USING MESSAGE = 'somebody else''s report has this source_id / source_id 已被他人使用';
    END IF;
    SELECT * INTO happened FROM layers.believable_time(
        the_town, (said ->> 'occurred_at')::timestamptz
    );
    IF is_new THEN
        incident := layers.place_incident(said, the_town, the_cell, happened.at);
    END IF;
    SELECT * INTO whose FROM layers.classify_incident(incident);
    IF is_new THEN
        INSERT INTO layers.incident_event
            (town_id, incident_id, seq, at, actor, action, from_state, to_state, data, hash)
        SELECT the_town, incident, 0, now(), layers.my_account(), done.action, '', done.to_state,
               done.data, ''
        FROM (VALUES
            ('report', 'reported', jsonb_build_object(
                'source', said ->> 'source', 'datum', said ->> 'datum', 'doubt', happened.doubt
            )),
            ('classify', 'triage', jsonb_build_object(
                'category', said ->> 'category', 'department', whose.department,
                'co_departments', whose.co_departments, 'skills', whose.skills,
                'severity', whose.severity, 'reason', whose.reason
            ))
        ) AS done (action, to_state, data);
    END IF;
    is_mine := layers.is_mine(whose.department);
    departments := array_remove(whose.department || whose.co_departments, NULL);
    skills := whose.skills;
    SELECT array_remove(ARRAY[
        happened.doubt,
        CASE WHEN NOT known.inside THEN 'outside_town' END,
        CASE WHEN known.place_accuracy_m > 200 THEN 'vague_place' END
    ], NULL), ST_X(known.geom), ST_Y(known.geom) INTO doubts, known_lon, known_lat
    FROM layers.incident AS known WHERE known.id = incident;
END $$;
REVOKE EXECUTE ON FUNCTION layers.take_down FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.take_down
    TO gridwhistle_dispatcher, gridwhistle_administrator, gridwhistle_grid_member, gridwhistle_system;
