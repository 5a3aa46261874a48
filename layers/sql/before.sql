-- What the tables stand on: extensions, one schema a room, one role and one schema of views for
-- each kind of user, and the web's own login.
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE SCHEMA IF NOT EXISTS spatial;
CREATE SCHEMA IF NOT EXISTS grids;
CREATE SCHEMA IF NOT EXISTS routing;
CREATE SCHEMA IF NOT EXISTS layers;
CREATE SCHEMA IF NOT EXISTS published;

-- Roles belong to the cluster, which may hold several databases of ours.
DO $$
DECLARE
    role text;
BEGIN
    IF to_regrole('gridwhistle_web') IS NULL THEN
        CREATE ROLE gridwhistle_web LOGIN NOINHERIT;
    END IF;
    IF to_regrole('gridwhistle_logins') IS NULL THEN
        CREATE ROLE gridwhistle_logins NOLOGIN NOINHERIT;
    END IF;
    FOREACH role IN ARRAY ARRAY[
        'anonymous', 'grid_member', 'officer', 'dispatcher', 'gis_editor', 'planner',
        'administrator', 'security_officer', 'auditor', 'system'
    ] LOOP
        IF to_regrole('gridwhistle_' || role) IS NULL THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', 'gridwhistle_' || role);
            EXECUTE format('GRANT %I TO gridwhistle_web', 'gridwhistle_' || role);
        END IF;
        EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I', role);
        EXECUTE format(
            'GRANT USAGE ON SCHEMA published, %I TO %I', role, 'gridwhistle_' || role
        );
    END LOOP;
    -- No function and no temporary object of a user's own: both could look behind a view.
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO CURRENT_USER', current_database());
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END $$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
