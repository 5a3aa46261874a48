-- Closures and slowdowns: drawn by those who direct the traffic, over HTTP or at the machine, each
-- act noted. All functions run as the owner, since nobody else writes these tables.

-- Raises unless who asks may close streets: dispatchers, the administrator, officers of the transport
-- department and the police, and other systems that were granted the layer. Decides by the session.
CREATE OR REPLACE FUNCTION routing.refuse_closing() RETURNS void LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    role CONSTANT text := current_setting('role');
BEGIN
    IF NOT layers.is_trusted_session() THEN
        RAISE insufficient_privilege USING MESSAGE = 'streets are closed over HTTP or at the machine';
    END IF;
    IF (role = 'none' AND layers.is_owner_session())
        OR role IN ('gridwhistle_dispatcher', 'gridwhistle_administrator')
        OR (role = 'gridwhistle_officer' AND layers.my_department() IN ('traffic', 'police'))
        OR (role = 'gridwhistle_system' AND 'closures' = ANY (layers.my_layers()))
    THEN
        RETURN;
    END IF;
    RAISE insufficient_privilege
        USING MESSAGE = 'closing streets is for dispatchers and the traffic police / 封路由调度员和交警操作';
END $$;
REVOKE EXECUTE ON FUNCTION routing.refuse_closing FROM PUBLIC;

-- Draws a closure and puts it in force on the streets that it was laid on.
CREATE OR REPLACE FUNCTION routing.add_closure(
    plan jsonb, the_drawn geometry, the_streets geometry, the_steps bigint[]
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    added routing.closure;
BEGIN
    PERFORM routing.refuse_closing();
    INSERT INTO routing.closure (
        town_id, kind, speed_share, modes, reason, note, starts, ends, drawn, drawn_as, radius_m,
        one_way, version, streets, length_m, names, geom, made_by, author
    )
    SELECT layers.my_town_of('closures'), p.kind, p.speed_share, p.modes, p.reason, p.note, p.starts,
           p.ends, the_drawn, p.drawn_as, p.radius_m, p.one_way, p.version, p.streets, p.length_m,
           p.names, the_streets, layers.my_account(),
           (SELECT display_name FROM layers.account WHERE account.id = layers.my_account())
    FROM jsonb_populate_record(NULL::routing.closure, plan) AS p
    RETURNING * INTO added;
    PERFORM routing.put_closure_in_force(added, the_steps);
    RETURN added.id;
END $$;
REVOKE EXECUTE ON FUNCTION routing.add_closure FROM PUBLIC;

CREATE OR REPLACE FUNCTION routing.put_closure_in_force(laid routing.closure, the_steps bigint[])
RETURNS void LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO routing.measure (
        town_id, version, steps, speed_share, modes, starts, ends, closure_id
    )
    SELECT laid.town_id, laid.version, the_steps, laid.speed_share, laid.modes, laid.starts,
           laid.ends, laid.id
    WHERE cardinality(the_steps) > 0
$$;
REVOKE EXECUTE ON FUNCTION routing.put_closure_in_force FROM PUBLIC;

-- Changes one that isn't over: what `plan` doesn't name stays. Says whether there is such a one.
CREATE OR REPLACE FUNCTION routing.change_closure(the_id bigint, plan jsonb) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    changed routing.closure;
BEGIN
    PERFORM routing.refuse_closing();
    SELECT * INTO changed FROM routing.closure
    WHERE id = the_id AND town_id = layers.my_town_of('closures')
      AND (ends IS NULL OR ends > clock_timestamp())
    FOR UPDATE;
    IF changed.id IS NULL THEN
        RETURN false;
    END IF;
    changed := jsonb_populate_record(changed, plan);
    UPDATE routing.closure
    SET kind = changed.kind, speed_share = changed.speed_share, modes = changed.modes,
        reason = changed.reason, note = changed.note, starts = changed.starts, ends = changed.ends
    WHERE id = the_id;
    UPDATE routing.measure
    SET speed_share = changed.speed_share, modes = changed.modes, starts = changed.starts,
        ends = changed.ends, revision = nextval('routing.measure_revision')
    WHERE closure_id = the_id AND version = changed.version;
    RETURN true;
END $$;
REVOKE EXECUTE ON FUNCTION routing.change_closure FROM PUBLIC;

-- Those in force and to come, with what only those who close streets see of them.
CREATE OR REPLACE FUNCTION routing.closures_ahead() RETURNS SETOF routing.closure
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM routing.refuse_closing();
    RETURN QUERY SELECT * FROM routing.closure
    WHERE town_id = layers.my_town_of('closures') AND (ends IS NULL OR ends > clock_timestamp())
    ORDER BY id;
END $$;
REVOKE EXECUTE ON FUNCTION routing.closures_ahead FROM PUBLIC;

-- Who did what to one of them, the first act first.
CREATE OR REPLACE FUNCTION routing.events_of_closure(
    the_id bigint, OUT at timestamptz, OUT account text, OUT before jsonb, OUT after jsonb
)
RETURNS SETOF record
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM routing.refuse_closing();
    RETURN QUERY
    SELECT event.at, account.display_name, event.before, event.after
    FROM routing.closure_event AS event
    JOIN routing.closure ON closure.id = event.closure_id
    LEFT JOIN layers.account ON account.id = event.account_id
    WHERE closure.id = the_id AND closure.town_id = layers.my_town_of('closures')
    ORDER BY event.id;
END $$;
REVOKE EXECUTE ON FUNCTION routing.events_of_closure FROM PUBLIC;

GRANT USAGE ON SCHEMA routing TO
    gridwhistle_dispatcher, gridwhistle_administrator, gridwhistle_officer, gridwhistle_system;
GRANT EXECUTE ON FUNCTION routing.add_closure, routing.change_closure, routing.closures_ahead,
    routing.events_of_closure TO
    gridwhistle_dispatcher, gridwhistle_administrator, gridwhistle_officer, gridwhistle_system;

-- Nobody writes this table but by what was done.
CREATE OR REPLACE FUNCTION routing.note_closure_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    unsaid CONSTANT text[] := ARRAY['id', 'town_id', 'drawn', 'geom', 'made_by', 'author', 'updated'];
    old_row CONSTANT jsonb := CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) - unsaid END;
    new_row CONSTANT jsonb := to_jsonb(NEW) - unsaid;
BEGIN
    IF old_row IS DISTINCT FROM new_row THEN
        INSERT INTO routing.closure_event (closure_id, account_id, before, after)
        VALUES (NEW.id, layers.my_account(), old_row, new_row);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER note_closure_event AFTER INSERT OR UPDATE ON routing.closure
    FOR EACH ROW EXECUTE FUNCTION routing.note_closure_event();
CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON routing.closure_event
    FOR EACH STATEMENT EXECUTE FUNCTION layers.refuse_change_of_log();
