-- Where responders were is forgotten after `positions_kept_days`, in decisions as elsewhere. Ranks,
-- times, reasons and words stay; what a decision was can't be changed by anybody, the owner included.

-- The inputs of an answer without the places of responders. Places of incidents and of neighbours'
-- posts stay: nobody's track is in them.
CREATE OR REPLACE FUNCTION layers.inputs_without_places(inputs jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    places CONSTANT text[] := ARRAY['lon', 'lat', 'street_id', 'fraction', 'forward'];
    hidden CONSTANT text[] := ARRAY(
        SELECT (place - 1)::text
        FROM jsonb_array_elements_text(coalesce(inputs #> '{known,names}', '[]'))
            WITH ORDINALITY AS named (name, place)
        WHERE name = ANY (places)
    );
    told jsonb;
    at text;
    rest jsonb[] := '{}';
BEGIN
    IF NOT inputs ? 'known' THEN
        RETURN inputs;
    END IF;
    FOR told IN SELECT value FROM jsonb_array_elements(inputs #> '{known,rows}') LOOP
        FOREACH at IN ARRAY hidden LOOP
            told := jsonb_set(told, ARRAY[at], 'null');
        END LOOP;
        rest := rest || told;
    END LOOP;
    RETURN jsonb_set(inputs, '{known,rows}', to_jsonb(rest));
END $$;

-- An answer without them: where each one was, and the way from there.
CREATE OR REPLACE FUNCTION layers.answer_without_places(answer jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT answer
        || CASE WHEN answer ? 'responders' THEN jsonb_build_object('responders', (
            SELECT coalesce(jsonb_agg(
                each || '{"lon": null, "lat": null, "snap": null, "route": null}' ORDER BY place
            ), '[]')
            FROM jsonb_array_elements(answer -> 'responders') WITH ORDINALITY AS told (each, place)
        )) ELSE '{}' END
        || CASE WHEN answer ? 'unreachable' THEN jsonb_build_object('unreachable', (
            SELECT coalesce(jsonb_agg(each || '{"lon": null, "lat": null}' ORDER BY place), '[]')
            FROM jsonb_array_elements(answer -> 'unreachable') WITH ORDINALITY AS told (each, place)
        )) ELSE '{}' END
$$;

-- How long where responders were is kept.
CREATE OR REPLACE FUNCTION layers.places_kept(the_town smallint) RETURNS interval
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT make_interval(days => coalesce((
        SELECT positions_kept_days FROM layers.dispatch_setting WHERE town_id = the_town
    ), 30))
$$;
REVOKE EXECUTE ON FUNCTION layers.inputs_without_places, layers.answer_without_places,
    layers.places_kept FROM PUBLIC;

-- A decision changes once, in one way: when its term is over, its places are taken out of it, and
-- nothing else.
CREATE OR REPLACE FUNCTION layers.guard_decision() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    rest layers.decision := OLD;
BEGIN
    rest.inputs := layers.inputs_without_places(OLD.inputs);
    rest.answer := layers.answer_without_places(OLD.answer);
    rest.places_forgotten_at := NEW.places_forgotten_at;
    rest.speed_revision := NEW.speed_revision; -- generated of the inputs, after this
    IF OLD.places_forgotten_at IS NULL
       AND OLD.made_at < clock_timestamp() - layers.places_kept(OLD.town_id)
       AND NEW.places_forgotten_at BETWEEN now() AND clock_timestamp()
       AND NEW IS NOT DISTINCT FROM rest
    THEN
        RETURN NEW;
    END IF;
    RAISE insufficient_privilege USING
        MESSAGE = 'a decision stays as it was; only where responders were is forgotten, by its term';
END $$;
CREATE OR REPLACE TRIGGER guard_decision BEFORE UPDATE ON layers.decision
    FOR EACH ROW EXECUTE FUNCTION layers.guard_decision();

-- Takes the places out of decisions whose term is over, the oldest first, at most so many at a time;
-- how many it were. For the owner.
CREATE OR REPLACE FUNCTION layers.forget_places_in_decisions(the_town smallint, most integer)
RETURNS bigint
LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    WITH over AS (
        SELECT id FROM layers.decision
        WHERE town_id = the_town AND places_forgotten_at IS NULL
          AND made_at < clock_timestamp() - layers.places_kept(the_town)
        ORDER BY made_at LIMIT most
    ), forgotten AS (
        UPDATE layers.decision
        SET inputs = layers.inputs_without_places(inputs),
            answer = layers.answer_without_places(answer),
            places_forgotten_at = clock_timestamp()
        FROM over WHERE decision.id = over.id
        RETURNING decision.id
    )
    SELECT count(*) FROM forgotten
$$;
REVOKE EXECUTE ON FUNCTION layers.forget_places_in_decisions FROM PUBLIC;
