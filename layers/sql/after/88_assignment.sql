-- Incidents that are open and where nobody is yet, for whoever dispatches them: what the assignment
-- of several at once is made of. A PostgreSQL login of one's own learns nothing here.
DROP FUNCTION IF EXISTS layers.calls_to_assign;
CREATE OR REPLACE FUNCTION layers.calls_to_assign(most integer)
RETURNS TABLE (
    id bigint, number text, title text, category text, category_en text, state text,
    severity smallint, lon float8, lat float8, waited_s float8, departments text[], skills text[],
    order_id bigint, order_state text, responder text, responder_label text
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT incident.id, incident.number, incident.title, category.name, category.name_en,
           incident.state, incident.severity, ST_X(incident.geom), ST_Y(incident.geom),
           greatest(extract(epoch FROM clock_timestamp() - incident.reported_at), 0)::float8,
           array_remove(array_prepend(
               coalesce(incident.department, category.department), rule.co_departments
           ), NULL),
           coalesce(rule.skills, '{}'), sent.id, sent.state, responder.key, responder.label
    FROM layers.incident
    JOIN layers.category ON category.code = incident.category
    CROSS JOIN LATERAL layers.classify_incident(incident.id) AS rule
    LEFT JOIN layers.response_order AS sent
        ON sent.incident_id = incident.id AND sent.is_lead AND sent.ended_at IS NULL
    LEFT JOIN layers.responder ON responder.id = sent.responder_id
    WHERE incident.town_id = (SELECT layers.dispatch_town())
      AND layers.is_mine(coalesce(incident.department, category.department))
      AND incident.number IS NOT NULL
      AND incident.state IN ('reported', 'triage', 'dispatched', 'reopened')
      AND sent.arrived_at IS NULL
    ORDER BY incident.severity, incident.reported_at, incident.id
    LIMIT most
$$;
REVOKE EXECUTE ON FUNCTION layers.calls_to_assign FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.calls_to_assign TO gridwhistle_dispatcher, gridwhistle_administrator;

-- How many orders each responder has had since he came on duty: of two alike goes who has had fewer.
CREATE OR REPLACE FUNCTION layers.orders_in_shift() RETURNS TABLE (key text, orders bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT responder.key, count(*)
    FROM layers.response_order AS sent JOIN layers.responder ON responder.id = sent.responder_id
    WHERE sent.town_id = (SELECT layers.dispatch_town()) AND layers.is_mine(responder.department)
      AND sent.ordered_at >= coalesce(
          responder.duty_since, clock_timestamp() - interval '8 hours'
      )
      AND sent.accepted_at IS NOT NULL
    GROUP BY responder.key
$$;
REVOKE EXECUTE ON FUNCTION layers.orders_in_shift FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.orders_in_shift TO gridwhistle_dispatcher, gridwhistle_administrator;

-- What an incident of one's own asks for: where, of which departments, with which skills.
CREATE OR REPLACE FUNCTION layers.call_of_incident(the_incident bigint)
RETURNS TABLE (lon float8, lat float8, departments text[], skills text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT ST_X(incident.geom), ST_Y(incident.geom),
           array_remove(array_prepend(
               coalesce(incident.department, category.department), rule.co_departments
           ), NULL),
           coalesce(rule.skills, '{}')
    FROM layers.incident
    JOIN layers.category ON category.code = incident.category
    CROSS JOIN LATERAL layers.classify_incident(incident.id) AS rule
    WHERE incident.id = the_incident AND incident.town_id = (SELECT layers.dispatch_town())
      AND layers.is_mine(coalesce(incident.department, category.department))
$$;
REVOKE EXECUTE ON FUNCTION layers.call_of_incident FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.call_of_incident TO gridwhistle_dispatcher, gridwhistle_administrator;
