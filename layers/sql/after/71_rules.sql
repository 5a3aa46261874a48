-- The rules of the town: read by those who draft, settled by the administrator, each change noted.

-- Runs as the owner: nobody writes this table but by what was done.
CREATE OR REPLACE FUNCTION grids.note_rule_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    old_row CONSTANT jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) - 'town_id' END;
    new_row CONSTANT jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) - 'town_id' END;
BEGIN
    IF old_row IS DISTINCT FROM new_row THEN
        INSERT INTO grids.rule_event (town_id, by_account, before, after) VALUES (
            CASE TG_OP WHEN 'DELETE' THEN OLD.town_id ELSE NEW.town_id END,
            layers.my_account(), old_row, new_row
        );
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER note_rule_event AFTER INSERT OR UPDATE OR DELETE ON grids.town_rules
    FOR EACH ROW EXECUTE FUNCTION grids.note_rule_event();
CREATE OR REPLACE TRIGGER note_rule_event AFTER INSERT OR UPDATE OR DELETE ON grids.band
    FOR EACH ROW EXECUTE FUNCTION grids.note_rule_event();
CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON grids.rule_event
    FOR EACH STATEMENT EXECUTE FUNCTION layers.refuse_change_of_log();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['town_rules', 'band', 'rule_event'] LOOP
        EXECUTE format('ALTER TABLE grids.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('DROP POLICY IF EXISTS own_town ON grids.%I', name);
        EXECUTE format(
            'CREATE POLICY own_town ON grids.%I TO gridwhistle_gis_editor, gridwhistle_administrator
             USING (town_id = (SELECT layers.my_town_of(''micro-grids'')))', name
        );
    END LOOP;
END $$;
GRANT SELECT ON grids.town_rules, grids.band, grids.rule_event
    TO gridwhistle_gis_editor, gridwhistle_administrator;
GRANT INSERT, UPDATE, DELETE ON grids.town_rules, grids.band TO gridwhistle_administrator;

-- The codes that begin so and were a unit's at any time: numbering leaves them out. Runs as the
-- owner, for those who draft.
CREATE OR REPLACE FUNCTION grids.codes_given_below(prefix text)
RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT code FROM grids.version
    WHERE town_id = (SELECT layers.my_town_of('micro-grids')) AND starts_with(code, prefix)
    UNION
    SELECT code FROM grids.unit
    WHERE town_id = (SELECT layers.my_town_of('micro-grids')) AND starts_with(code, prefix)
    UNION
    SELECT share ->> 'code' FROM grids.version, jsonb_array_elements(version.shares) AS share
    WHERE town_id = (SELECT layers.my_town_of('micro-grids'))
      AND starts_with(share ->> 'code', prefix)
$$;
REVOKE EXECUTE ON FUNCTION grids.codes_given_below FROM PUBLIC;
GRANT EXECUTE ON FUNCTION grids.codes_given_below
    TO gridwhistle_gis_editor, gridwhistle_administrator;
