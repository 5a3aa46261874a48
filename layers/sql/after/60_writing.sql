-- Rows that people write, over the web or by a PostgreSQL login of their own. What follows from
-- other columns, or is the house's to say, is said here, whatever was written.

-- Reads the town's outline and the id's sequence, which the editor may not.
CREATE OR REPLACE FUNCTION layers.complete_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.id := nextval(pg_get_serial_sequence(
            format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME), 'id'
        ));
        NEW.town_id := coalesce(NEW.town_id, layers.my_town());
        NEW.key := coalesce(NEW.key, gen_random_uuid()::text);
        NEW.updated := clock_timestamp();
    ELSE
        NEW.key := coalesce(NEW.key, OLD.key);
    END IF;
    NEW.inside := coalesce(
        (SELECT public.ST_Intersects(outline, NEW.geom) FROM spatial.town WHERE id = NEW.town_id), true
    );
    -- PostgreSQL can't tell an H3 cell: only the web's own is believed.
    IF NOT layers.is_trusted_session() THEN
        NEW.cell := CASE
            WHEN TG_OP = 'UPDATE' AND public.ST_OrderingEquals(NEW.geom, OLD.geom) THEN OLD.cell
        END;
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION layers.complete_status() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.status := 'unknown';
    RETURN NEW;
END $$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['premises', 'sensor', 'neighbour_post'] LOOP
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER complete BEFORE INSERT OR UPDATE ON layers.%I
             FOR EACH ROW WHEN (NOT layers.is_owner_session())
             EXECUTE FUNCTION layers.complete_row()', name
        );
    END LOOP;
END $$;
CREATE OR REPLACE TRIGGER complete_status BEFORE INSERT OR UPDATE ON layers.sensor
    FOR EACH ROW WHEN (NEW.status IS NULL) EXECUTE FUNCTION layers.complete_status();

-- A cell never lies: a point that moves without being told its new cell has none. That the statement
-- told the same cell again is seen by the second trigger alone, so the first leaves it a mark.
CREATE OR REPLACE FUNCTION layers.negate_cell() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.cell := -NEW.cell;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION layers.forget_cell() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.cell := NULL;
    RETURN NEW;
END $$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['premises', 'sensor', 'place', 'responder', 'incident', 'neighbour_post'] LOOP
        -- The operator is qualified for pg_restore, which has no schema in its path.
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
