-- How many rows the planner expects of a query, where counting them would take too long.
-- Volatile, since EXPLAIN is no query to PostgreSQL. Whoever calls it plans with own rights.
CREATE OR REPLACE FUNCTION layers.planned_rows(query text) RETURNS bigint
LANGUAGE plpgsql VOLATILE STRICT PARALLEL RESTRICTED
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
    RETURN (plan -> 0 -> 'Plan' ->> 'Plan Rows')::bigint;
END $$;
