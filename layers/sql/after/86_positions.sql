-- Where responders are: what comes in from devices, their duty, and what is kept of them.

-- How old a fix is. A demo's clock stands still: a fix that came with it has the age that it had
-- then, one that a device has told since is as old as the real clock says.
CREATE OR REPLACE FUNCTION layers.fix_age_s(fix_at timestamptz, as_of timestamptz) RETURNS float8
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT least(abs(extract(epoch FROM now() - fix_at)), abs(extract(epoch FROM as_of - fix_at)))::float8
$$;

-- Skills stand in a column for each kind of client: whoever writes one, the other follows.
-- Reads the list of skills as the owner, which no editor may.
CREATE OR REPLACE FUNCTION layers.complete_skills() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    said text[] := NEW.skills;
    unknown text;
BEGIN
    IF (TG_OP = 'INSERT' AND coalesce(NEW.skill_list, '') <> '')
       OR (TG_OP = 'UPDATE' AND NEW.skill_list IS DISTINCT FROM OLD.skill_list) THEN
        said := regexp_split_to_array(btrim(coalesce(NEW.skill_list, ''), ' ,'), '[ ,]+');
    END IF;
    NEW.skills := ARRAY(SELECT DISTINCT each FROM unnest(said) AS each WHERE each <> '' ORDER BY each);
    NEW.skill_list := nullif(array_to_string(NEW.skills, ','), '');
    SELECT each INTO unknown FROM unnest(NEW.skills) AS each
    WHERE NOT EXISTS (SELECT FROM layers.skill WHERE code = each) LIMIT 1;
    IF unknown IS NOT NULL AND NOT layers.is_owner_session() THEN -- importers say it themselves
        RAISE check_violation USING MESSAGE = format('there is no skill %s', left(unknown, 60)),
            CONSTRAINT = 'responder_skills_known';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER complete_skills BEFORE INSERT OR UPDATE OF skills, skill_list
    ON layers.responder FOR EACH ROW EXECUTE FUNCTION layers.complete_skills();

-- Since when somebody is on duty, whoever says so; a break ends with it.
CREATE OR REPLACE FUNCTION layers.follow_duty() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.duty_since := CASE WHEN NEW.on_duty THEN clock_timestamp() END;
    IF NOT NEW.on_duty THEN
        NEW.break_until := NULL;
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER follow_duty BEFORE UPDATE OF on_duty ON layers.responder
    FOR EACH ROW WHEN (NEW.on_duty <> OLD.on_duty) EXECUTE FUNCTION layers.follow_duty();

-- A fix is no edit: somebody who edits a responder on the move isn't told that it has changed since.
CREATE OR REPLACE TRIGGER set_updated BEFORE UPDATE ON layers.responder
    FOR EACH ROW WHEN (NEW.received_at IS NOT DISTINCT FROM OLD.received_at AND OLD.* *<> NEW.*)
    EXECUTE FUNCTION spatial.set_updated();

-- Rows that administrators write; what devices tell comes complete (it alone changes `received_at`).
CREATE OR REPLACE TRIGGER complete BEFORE INSERT ON layers.responder
    FOR EACH ROW WHEN (NOT layers.is_owner_session()) EXECUTE FUNCTION layers.complete_row();
CREATE OR REPLACE TRIGGER complete_change BEFORE UPDATE OF geom, key, cell ON layers.responder
    FOR EACH ROW WHEN (NEW.received_at IS NOT DISTINCT FROM OLD.received_at AND NOT layers.is_owner_session())
    EXECUTE FUNCTION layers.complete_row();

-- An account in another kind of role is no responder's any more.
CREATE OR REPLACE FUNCTION layers.unbind_responder() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.responder_id := NULL;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER unbind_responder BEFORE UPDATE OF role ON layers.account
    FOR EACH ROW WHEN (NEW.role NOT IN ('gridwhistle_officer', 'gridwhistle_grid_member'))
    EXECUTE FUNCTION layers.unbind_responder();

-- The security officer binds accounts to responders by their keys, and sees nothing else of them.
GRANT UPDATE (responder_id) ON layers.account TO gridwhistle_security_officer;
CREATE OR REPLACE FUNCTION layers.responder_of_key(wanted text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT id FROM layers.responder WHERE town_id = layers.my_town() AND key = wanted
$$;
REVOKE EXECUTE ON FUNCTION layers.responder_of_key FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.responder_of_key TO gridwhistle_security_officer;

-- Who may be moved by fixes, and by whose account; for the web's own login and the owner, which keep
-- it in memory to match what comes in. Rights are judged once more where fixes are stored.
CREATE OR REPLACE FUNCTION layers.responders_to_move(town smallint)
RETURNS TABLE (id bigint, key text, mode text, account_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT responder.id, responder.key, responder.mode, account.id
    FROM layers.responder
    LEFT JOIN layers.account
        ON account.responder_id = responder.id AND account.disabled_at IS NULL
    WHERE responder.town_id = town
$$;
REVOKE EXECUTE ON FUNCTION layers.responders_to_move FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.responders_to_move TO gridwhistle_web;

-- Takes in many fixes at once: the newest of each responder moves it, those marked are kept. Says of
-- each what became of it: taken, late (not newer than what is known), off_duty, refused (no such
-- responder, or not the sender's to move).
--
-- Runs as the owner, for the web's own login and the owner alone: a sender is the account that the
-- web has checked; without one it is the owner's own client. Rows are locked in their order, so that
-- two processes never wait for each other; then nobody is moved back by whoever was quicker.
CREATE OR REPLACE FUNCTION layers.store_fixes(
    of_town smallint, responders bigint[], senders bigint[], moments timestamptz[], lons float8[],
    lats float8[], accuracies_m float8[], speeds_mps float8[], bearings_deg float8[],
    street_ids bigint[], fractions float8[], forwards boolean[], cells bigint[], insides boolean[],
    keeps boolean[]
)
RETURNS TABLE (ordinal integer, outcome text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    by_owner CONSTANT boolean := layers.is_owner_session();
    stands_at CONSTANT timestamptz := (SELECT as_of FROM spatial.town WHERE id = of_town);
BEGIN
    PERFORM FROM layers.responder WHERE id = ANY (store_fixes.responders)
    ORDER BY id FOR NO KEY UPDATE;
    RETURN QUERY
    WITH told AS (
        SELECT fix.*, responder.id AS known, responder.on_duty, responder.fix_at
        FROM unnest(
            responders, senders, moments, lons, lats, accuracies_m, speeds_mps, bearings_deg,
            street_ids, fractions, forwards, cells, insides, keeps
        ) WITH ORDINALITY AS fix (
            responder_id, sender, at, lon, lat, accuracy_m, speed_mps, bearing_deg,
            street_id, fraction, forward, cell, inside, is_kept, ordinal
        )
        LEFT JOIN layers.account ON account.id = fix.sender AND account.town_id = of_town
            AND account.disabled_at IS NULL
        LEFT JOIN layers.responder ON responder.id = fix.responder_id AND responder.town_id = of_town
            AND (fix.sender IS NULL AND by_owner OR account.responder_id = responder.id
                 OR account.role = 'gridwhistle_system' AND 'responders' = ANY (account.layers))
    ), judged AS (
        SELECT told.*, CASE
            WHEN known IS NULL THEN 'refused'
            WHEN NOT on_duty THEN 'off_duty'
            -- A fix of a demo's standing clock, or of one that ran ahead, holds nobody up.
            WHEN fix_at >= told.at AND fix_at <= now() + interval '1 minute'
                AND (stands_at IS NULL OR abs(extract(epoch FROM stands_at - fix_at)) > 86400)
                THEN 'late'
            ELSE 'taken'
        END AS what
        FROM told
    ), newest AS (
        SELECT DISTINCT ON (known) * FROM judged WHERE what = 'taken' ORDER BY known, at DESC
    ), moved AS (
        UPDATE layers.responder
        SET geom = ST_SetSRID(ST_MakePoint(newest.lon, newest.lat), 4326), fix_at = newest.at,
            accuracy_m = newest.accuracy_m, speed_mps = newest.speed_mps,
            bearing_deg = newest.bearing_deg, street_id = newest.street_id,
            fraction = newest.fraction, forward = newest.forward, cell = newest.cell,
            inside = newest.inside, received_at = clock_timestamp()
        FROM newest WHERE responder.id = newest.known
    ), kept AS (
        INSERT INTO layers.position
        SELECT known, judged.at, of_town, ST_SetSRID(ST_MakePoint(lon, lat), 4326), accuracy_m,
               speed_mps, bearing_deg, street_id, fraction, forward
        FROM judged WHERE what = 'taken' AND is_kept
        ORDER BY known, judged.at
        ON CONFLICT DO NOTHING
    )
    SELECT judged.ordinal::integer, judged.what FROM judged;
    PERFORM pg_notify('gridwhistle_positions', '');
END $$;
REVOKE EXECUTE ON FUNCTION layers.store_fixes FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.store_fixes TO gridwhistle_web;

-- What follows is everybody's own, over the web: the responder that the account is bound to.
CREATE OR REPLACE FUNCTION layers.my_duty()
RETURNS TABLE (key text, label text, team text, mode text, skills text[], on_duty boolean,
               duty_since timestamptz, break_until timestamptz, fix_at timestamptz,
               positions_kept_days integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT key, label, team, mode, skills, on_duty, duty_since, break_until, fix_at,
           (SELECT setting.positions_kept_days FROM layers.dispatch_setting AS setting
            WHERE setting.town_id = responder.town_id)
    FROM layers.responder
    WHERE id = (SELECT layers.my_bound_responder())
$$;

-- Goes on or off duty, or takes a break; nobody who has an order leaves it so.
CREATE OR REPLACE FUNCTION layers.set_my_duty(duty boolean, rests_until timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine CONSTANT bigint := layers.my_bound_responder();
BEGIN
    PERFORM FROM layers.responder WHERE id = mine FOR NO KEY UPDATE;
    IF (NOT duty OR rests_until > now()) AND EXISTS (
        SELECT FROM layers.response_order WHERE responder_id = mine AND ended_at IS NULL
    ) THEN
        RAISE object_in_use USING MESSAGE = 'you have an order: end it or hand it back first';
    END IF;
    UPDATE layers.responder
    SET on_duty = duty, break_until = CASE WHEN duty THEN rests_until END
    WHERE id = mine;
    RETURN FOUND;
END $$;

CREATE OR REPLACE FUNCTION layers.my_positions(since timestamptz, until timestamptz, most integer)
RETURNS TABLE (at timestamptz, lon float8, lat float8, accuracy_m float8, speed_mps float8,
               bearing_deg float8)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT at, ST_X(geom), ST_Y(geom), accuracy_m, speed_mps, bearing_deg
    FROM layers.position
    WHERE responder_id = (SELECT layers.my_bound_responder())
      AND at >= since AND at < until
    ORDER BY at DESC LIMIT most
$$;

-- The own way as the layer `tracks` draws it, a GeoJSON feature; NULL where there is none yet.
CREATE OR REPLACE FUNCTION layers.my_track() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT jsonb_build_object(
        'type', 'Feature', 'id', responder_id, 'geometry', ST_AsGeoJSON(geom, 7)::jsonb,
        'properties', jsonb_build_object(
            'from_at', from_at, 'to_at', to_at, 'points', points, 'length_m', round(length_m)
        )
    )
    FROM layers.track WHERE responder_id = (SELECT layers.my_bound_responder())
$$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['my_duty', 'set_my_duty', 'my_positions', 'my_track'] LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION layers.%I FROM PUBLIC', name);
        EXECUTE format(
            'GRANT EXECUTE ON FUNCTION layers.%I TO gridwhistle_officer, gridwhistle_grid_member', name
        );
    END LOOP;
END $$;
