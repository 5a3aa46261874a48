-- What stands on the tables: replayed after a migration when its text has changed.

-- Tells every process that something it keeps in memory may have changed. Ids only, never data.
CREATE OR REPLACE FUNCTION spatial.tell_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('gridwhistle_changes', TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME);
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER tell_change AFTER INSERT OR UPDATE OR DELETE ON spatial.town
    FOR EACH STATEMENT EXECUTE FUNCTION spatial.tell_change();

CREATE OR REPLACE TRIGGER tell_change AFTER INSERT OR UPDATE OR DELETE ON spatial.batch
    FOR EACH STATEMENT EXECUTE FUNCTION spatial.tell_change();
