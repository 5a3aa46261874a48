-- Rows of places that people write: completed as other layers' are (60_writing.sql). Who gave a place
-- its other name is said by the house, never by who writes.
CREATE OR REPLACE FUNCTION layers.note_who_added() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.added_by := CASE WHEN TG_OP = 'INSERT' THEN layers.my_account() ELSE OLD.added_by END;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER added_by BEFORE INSERT OR UPDATE ON layers.place_alias
    FOR EACH ROW WHEN (NOT layers.is_owner_session())
    EXECUTE FUNCTION layers.note_who_added();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['lamp_post', 'place_alias'] LOOP
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER complete BEFORE INSERT OR UPDATE ON layers.%I
             FOR EACH ROW WHEN (NOT layers.is_owner_session())
             EXECUTE FUNCTION layers.complete_row()', name
        );
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER cell_1_mark BEFORE UPDATE OF geom ON layers.%I
             FOR EACH ROW WHEN (NEW.cell = OLD.cell AND (NEW.geom OPERATOR(public.=) OLD.geom) IS NOT TRUE)
             EXECUTE FUNCTION layers.negate_cell()', name
        );
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER cell_2_told BEFORE UPDATE OF cell ON layers.%I
             FOR EACH ROW WHEN (NEW.cell < 0) EXECUTE FUNCTION layers.negate_cell()', name
        );
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER cell_3_forget BEFORE UPDATE ON layers.%I
             FOR EACH ROW WHEN (NEW.cell < 0) EXECUTE FUNCTION layers.forget_cell()', name
        );
    END LOOP;
END $$;
