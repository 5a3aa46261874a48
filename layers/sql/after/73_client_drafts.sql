-- Units as a map client sent them, beside its draft: of those who draft, and written as its steps are.
CREATE OR REPLACE FUNCTION grids.guard_face() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF grids.client_of_edited(CASE TG_OP WHEN 'DELETE' THEN OLD.draft_id ELSE NEW.draft_id END) IS NULL
    THEN
        RAISE insufficient_privilege USING MESSAGE = 'only an open draft of a client is edited';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    NEW.town_id := layers.my_town();
    NEW.author := layers.my_account();
    NEW.at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER guard_face BEFORE INSERT OR UPDATE OR DELETE ON grids.draft_face
    FOR EACH ROW WHEN (NOT layers.is_owner_session() OR current_user LIKE 'gridwhistle\_%')
    EXECUTE FUNCTION grids.guard_face();

ALTER TABLE grids.draft_face ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS own_town ON grids.draft_face;
CREATE POLICY own_town ON grids.draft_face TO gridwhistle_gis_editor, gridwhistle_administrator
    USING (town_id = (SELECT layers.my_town_of('micro-grids')));

GRANT SELECT, DELETE,
    INSERT (draft_id, unit_id, level, parent_id, code, name, name_en, kind, geom, gone, came_from),
    UPDATE (level, parent_id, code, name, name_en, kind, geom, gone, came_from)
    ON grids.draft_face TO gridwhistle_gis_editor, gridwhistle_administrator;
