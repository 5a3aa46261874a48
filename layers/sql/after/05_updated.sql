-- A changed row says when: a copy elsewhere is kept up to date by it, and a second editor's stale
-- write is told apart. A row that was written as it stood has not changed.
CREATE OR REPLACE FUNCTION spatial.set_updated() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.updated := clock_timestamp();
    RETURN NEW;
END $$;

DO $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT format('%I.%I', table_schema, table_name) FROM information_schema.columns
        JOIN information_schema.tables USING (table_schema, table_name)
        WHERE column_name = 'updated' AND table_type = 'BASE TABLE'
          AND table_schema IN ('spatial', 'layers', 'grids', 'routing')
    LOOP
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER set_updated BEFORE UPDATE ON %s
             FOR EACH ROW WHEN (OLD.* *<> NEW.*) EXECUTE FUNCTION spatial.set_updated()', name
        );
    END LOOP;
END $$;
