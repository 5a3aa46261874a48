-- Who asks. The web's own login states it in settings of the transaction, as does the owner; a named
-- login is the account that has it, whatever it sets.
--
-- In plpgsql, which keeps its plans for the session: every view asks, and as SQL functions the same
-- took three times as long to run and five times as long to plan.

-- The owner's importers, generators and workers.
CREATE OR REPLACE FUNCTION layers.is_owner_session() RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN pg_has_role(
        session_user, (SELECT nspowner FROM pg_catalog.pg_namespace WHERE nspname = 'layers'), 'MEMBER'
    );
END $$;

CREATE OR REPLACE FUNCTION layers.is_trusted_session() RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN session_user = 'gridwhistle_web' OR layers.is_owner_session();
END $$;

-- Reads the accounts for a named login, which may not; tells it of itself alone.
CREATE OR REPLACE FUNCTION layers.own_account(
    OUT id bigint, OUT town_id smallint, OUT department text, OUT grid_id bigint, OUT layers text[]
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT id, town_id, department, grid_id, layers FROM layers.account
    WHERE account.database_login = session_user AND account.disabled_at IS NULL
$$;

CREATE OR REPLACE FUNCTION layers.my_town() RETURNS smallint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF layers.is_trusted_session() THEN
        RETURN nullif(current_setting('gridwhistle.town_id', true), '')::smallint;
    END IF;
    RETURN (layers.own_account()).town_id;
END $$;

CREATE OR REPLACE FUNCTION layers.my_account() RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF layers.is_trusted_session() THEN
        RETURN nullif(current_setting('gridwhistle.account_id', true), '')::bigint;
    END IF;
    RETURN (layers.own_account()).id;
END $$;

CREATE OR REPLACE FUNCTION layers.my_department() RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF layers.is_trusted_session() THEN
        RETURN nullif(current_setting('gridwhistle.department', true), '');
    END IF;
    RETURN (layers.own_account()).department;
END $$;

CREATE OR REPLACE FUNCTION layers.my_grid() RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF layers.is_trusted_session() THEN
        RETURN nullif(current_setting('gridwhistle.grid_id', true), '')::bigint;
    END IF;
    RETURN (layers.own_account()).grid_id;
END $$;

CREATE OR REPLACE FUNCTION layers.my_layers() RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF layers.is_trusted_session() THEN
        RETURN string_to_array(nullif(current_setting('gridwhistle.layers', true), ''), ',');
    END IF;
    RETURN (layers.own_account()).layers;
END $$;

-- The layers that the session came for, as a key may be for some only; NULL: for all of them, which
-- the web says by '*'. A session that says nothing came for none.
CREATE OR REPLACE FUNCTION layers.my_only_layers() RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    only_layers CONSTANT text := coalesce(current_setting('gridwhistle.only_layers', true), '');
BEGIN
    IF layers.is_trusted_session() THEN
        RETURN string_to_array(nullif(only_layers, '*'), ',');
    END IF;
    RETURN NULL;
END $$;

-- The town whose rows of a layer the session is shown; NULL, and so none, where it came for others.
CREATE OR REPLACE FUNCTION layers.my_town_of(layer text) RETURNS smallint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    only_layers CONSTANT text[] := layers.my_only_layers();
BEGIN
    IF only_layers IS NULL OR layer = ANY (only_layers) THEN
        RETURN layers.my_town();
    END IF;
    RETURN NULL;
END $$;

-- A row policy or a barrier puts operators that might leak behind its own conditions; the box
-- operator of the geometry index leaks nothing, and without this the index would not be used.
DO $$
BEGIN
    EXECUTE format(
        'ALTER FUNCTION %s LEAKPROOF',
        (SELECT oprcode::regprocedure FROM pg_operator
         WHERE oprname = '&&' AND oprleft = 'geometry'::regtype AND oprright = 'geometry'::regtype)
    );
EXCEPTION WHEN insufficient_privilege THEN
    NULL;  -- on a managed server only its superuser may; `check` says so
END $$;
