-- What the question who can be there first reads beside the responders' layer, and what is kept of
-- its answers. A PostgreSQL login of one's own learns nothing here.

-- What each responder is at, of some departments or (NULL) of all; joined to those whom the asker
-- sees.
DROP FUNCTION IF EXISTS layers.responder_work(smallint);
DROP FUNCTION IF EXISTS layers.responder_work(smallint, text[]);
CREATE FUNCTION layers.responder_work(the_town smallint, of_departments text[] DEFAULT NULL)
RETURNS TABLE (
    key text, team text, skills text[], speed_mps float8, state text, incident text, age_s float8,
    street_id bigint, fraction float8, forward boolean
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT responder.key, responder.team, responder.skills, responder.speed_mps,
           CASE
               WHEN held.arrived_at IS NOT NULL THEN 'on_scene'
               WHEN held.id IS NOT NULL THEN 'ordered'
               WHEN responder.break_until > clock_timestamp() THEN 'break'
               ELSE 'free'
           END,
           incident.number, layers.fix_age_s(responder.fix_at, town.as_of),
           -- A millimetre of a kilometre: decisions keep it of everybody.
           responder.street_id, round(responder.fraction::numeric, 6)::float8, responder.forward
    FROM layers.responder
    JOIN spatial.town ON town.id = responder.town_id
    LEFT JOIN layers.response_order AS held
        ON held.responder_id = responder.id AND held.ended_at IS NULL
    LEFT JOIN layers.incident ON incident.id = held.incident_id
    WHERE responder.town_id = the_town
      AND (of_departments IS NULL OR responder.department = ANY (of_departments))
      AND (layers.is_owner_session()
           OR (layers.is_trusted_session() AND the_town = layers.my_town_of('responders')));
END $$;
REVOKE EXECUTE ON FUNCTION layers.responder_work FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.responder_work
    TO gridwhistle_dispatcher, gridwhistle_administrator, gridwhistle_officer, gridwhistle_system;

-- The names of skills: codes and words, of nobody.
CREATE OR REPLACE FUNCTION layers.skill_names(codes text[])
RETURNS TABLE (code text, name text, name_en text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT code, name, name_en FROM layers.skill
    WHERE code = ANY (codes) AND layers.is_trusted_session()
$$;
REVOKE EXECUTE ON FUNCTION layers.skill_names FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.skill_names
    TO gridwhistle_dispatcher, gridwhistle_administrator, gridwhistle_officer, gridwhistle_system;

-- Keeps an answer; of an incident, only by somebody whose it is.
CREATE OR REPLACE FUNCTION layers.keep_decision(
    the_incident bigint, the_version integer, the_revision bigint, the_k integer,
    the_inputs jsonb, the_answer jsonb
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    kept bigint;
BEGIN
    IF the_incident IS NOT NULL THEN
        PERFORM layers.lock_incident(the_incident);
    END IF;
    IF layers.dispatch_town() IS NULL THEN
        RAISE insufficient_privilege USING
            MESSAGE = 'decisions are kept by who dispatches / 只有调度可留存决策';
    END IF;
    INSERT INTO layers.decision
        (town_id, incident_id, graph_version, measure_revision, k, inputs, answer)
    VALUES (layers.dispatch_town(), the_incident, the_version, the_revision, the_k,
            the_inputs, the_answer)
    RETURNING id INTO kept;
    RETURN kept;
END $$;
REVOKE EXECUTE ON FUNCTION layers.keep_decision FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.keep_decision
    TO gridwhistle_dispatcher, gridwhistle_administrator, gridwhistle_system;

-- A decision with all that it was made of: for who sees every responder of the town, since all whom
-- its asker saw are in it, or who sees those of its incident.
DROP FUNCTION IF EXISTS layers.kept_decision(bigint);
CREATE FUNCTION layers.kept_decision(the_decision bigint)
RETURNS TABLE (
    id bigint, incident_id bigint, made_at timestamptz, graph_version integer,
    measure_revision bigint, places_forgotten_at timestamptz, inputs jsonb, answer jsonb
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT decision.id, decision.incident_id, decision.made_at, decision.graph_version,
           decision.measure_revision, decision.places_forgotten_at, decision.inputs, decision.answer
    FROM layers.decision
    WHERE decision.id = the_decision
      AND (layers.is_owner_session() OR (
          decision.town_id = layers.dispatch_town() AND layers.my_town_of('responders') IS NOT NULL
          AND NOT EXISTS (
              SELECT FROM layers.responder WHERE town_id = decision.town_id
                AND NOT layers.is_mine(department)
                AND EXISTS (
                    SELECT FROM jsonb_array_elements(decision.inputs -> 'known' -> 'rows') AS told
                    WHERE told ->> 0 = responder.key
                )
          )
      ))
$$;
REVOKE EXECUTE ON FUNCTION layers.kept_decision FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.kept_decision
    TO gridwhistle_dispatcher, gridwhistle_administrator;
