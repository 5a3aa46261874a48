-- Who asks. The web's own login states it in settings of the transaction, as does the owner; a named
-- login is the account that has it, whatever it sets.
CREATE OR REPLACE FUNCTION layers.is_trusted_session() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT session_user = 'gridwhistle_web' OR pg_has_role(
        session_user, (SELECT nspowner FROM pg_catalog.pg_namespace WHERE nspname = 'layers'), 'MEMBER'
    )
$$;

-- Reads the accounts for a named login, which may not; tells it of itself alone.
CREATE OR REPLACE FUNCTION layers.own_account(
    OUT id bigint, OUT town_id smallint, OUT department text, OUT grid_id bigint, OUT layers text[]
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT id, town_id, department, grid_id, layers FROM layers.account
    WHERE account.database_login = session_user AND account.disabled_at IS NULL
$$;

CREATE OR REPLACE FUNCTION layers.my_town() RETURNS smallint
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN layers.is_trusted_session()
           THEN nullif(current_setting('gridwhistle.town_id', true), '')::smallint
           ELSE (layers.own_account()).town_id END
$$;

CREATE OR REPLACE FUNCTION layers.my_account() RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN layers.is_trusted_session()
           THEN nullif(current_setting('gridwhistle.account_id', true), '')::bigint
           ELSE (layers.own_account()).id END
$$;

CREATE OR REPLACE FUNCTION layers.my_department() RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN layers.is_trusted_session()
           THEN nullif(current_setting('gridwhistle.department', true), '')
           ELSE (layers.own_account()).department END
$$;

CREATE OR REPLACE FUNCTION layers.my_grid() RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN layers.is_trusted_session()
           THEN nullif(current_setting('gridwhistle.grid_id', true), '')::bigint
           ELSE (layers.own_account()).grid_id END
$$;

CREATE OR REPLACE FUNCTION layers.my_layers() RETURNS text[]
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN layers.is_trusted_session()
           THEN string_to_array(nullif(current_setting('gridwhistle.layers', true), ''), ',')
           ELSE (layers.own_account()).layers END
$$;

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
