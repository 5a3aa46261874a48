-- What the tables stand on: extensions, one schema a room, the roles of the rights classes.
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE SCHEMA IF NOT EXISTS spatial;
CREATE SCHEMA IF NOT EXISTS grids;
CREATE SCHEMA IF NOT EXISTS routing;
CREATE SCHEMA IF NOT EXISTS layers;
CREATE SCHEMA IF NOT EXISTS published;

DO $$
BEGIN
    -- Roles belong to the cluster, which may hold several databases of ours.
    IF to_regrole('gridwhistle_anonymous') IS NULL THEN
        CREATE ROLE gridwhistle_anonymous NOLOGIN NOINHERIT;
    END IF;
    IF to_regrole('gridwhistle_internal') IS NULL THEN
        CREATE ROLE gridwhistle_internal NOLOGIN NOINHERIT;
    END IF;
END $$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA published TO gridwhistle_anonymous, gridwhistle_internal;
