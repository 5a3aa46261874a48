-- What a PostgreSQL login of its own may not do, beside what no role is granted: large objects are
-- files that anybody may make.
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT oid::regprocedure FROM pg_catalog.pg_proc
        WHERE pronamespace = 'pg_catalog'::regnamespace
          AND proname IN ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_put', 'lo_open', 'lowrite')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', name);
    END LOOP;
EXCEPTION WHEN insufficient_privilege THEN
    NULL;  -- a managed server's own affair
END $$;
