-- Micro-grids that share one polygon, told apart by building, entrance and floor: their rows, and
-- whose something is.

-- A version of a unit keeps the micro-grids of the one before, unless its writer states them.
CREATE OR REPLACE FUNCTION grids.keep_shares() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.shares := (
        SELECT shares FROM grids.version
        WHERE unit_id = NEW.unit_id ORDER BY lower(valid) DESC NULLS LAST LIMIT 1
    );
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER keep_shares BEFORE INSERT ON grids.version
    FOR EACH ROW WHEN (NEW.shares IS NULL) EXECUTE FUNCTION grids.keep_shares();

-- Each of them is a row too, which holds as long as its version of the unit does.
CREATE OR REPLACE FUNCTION grids.write_shares() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM grids.share_version WHERE version_id = NEW.id;
    INSERT INTO grids.share (town_id, code)
    SELECT NEW.town_id, stated ->> 'code' FROM jsonb_array_elements(NEW.shares) AS stated
    ON CONFLICT DO NOTHING;
    INSERT INTO grids.share_version (town_id, share_id, version_id, name, parts, valid)
    SELECT NEW.town_id, share.id, NEW.id, stated ->> 'name', stated -> 'parts', NEW.valid
    FROM jsonb_array_elements(NEW.shares) AS stated
    JOIN grids.share ON share.town_id = NEW.town_id AND share.code = stated ->> 'code';
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION grids.move_shares() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE grids.share_version SET valid = NEW.valid WHERE version_id = NEW.id;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER write_shares AFTER INSERT ON grids.version
    FOR EACH ROW WHEN (NEW.shares <> '[]') EXECUTE FUNCTION grids.write_shares();
CREATE OR REPLACE TRIGGER rewrite_shares AFTER UPDATE OF shares ON grids.version
    FOR EACH ROW WHEN (OLD.shares IS DISTINCT FROM NEW.shares) EXECUTE FUNCTION grids.write_shares();
CREATE OR REPLACE TRIGGER move_shares AFTER UPDATE OF valid ON grids.version
    FOR EACH ROW WHEN (OLD.valid <> NEW.valid AND NEW.shares <> '[]')
    EXECUTE FUNCTION grids.move_shares();

-- Which units are shared at a moment, and among which micro-grids. Runs as the owner, for those who
-- draft and those whom a draft is shown to; a login of one's own learns nothing.
CREATE OR REPLACE FUNCTION grids.shares_at(moment timestamptz, OUT unit_id bigint, OUT shares jsonb)
RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT version.unit_id, version.shares FROM grids.version
    WHERE version.town_id = (SELECT layers.my_town_of('micro-grids')) AND version.valid @> moment
      AND version.shares <> '[]' AND layers.is_trusted_session()
$$;
REVOKE EXECUTE ON FUNCTION grids.shares_at FROM PUBLIC;
GRANT EXECUTE ON FUNCTION grids.shares_at
    TO gridwhistle_gis_editor, gridwhistle_administrator, gridwhistle_anonymous;

-- A floor as people write it: 12, -1, 3F, 3层, 3楼; NULL where it isn't a number.
CREATE OR REPLACE FUNCTION layers.floor_number(floor text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (substring(floor FROM '^\s*(-?\d{1,3})\s*(?:[Ff层楼]|$)'))::integer
$$;

-- Whether a part of a building may hold a home, of which entrance or floor may be unknown (NULL).
CREATE OR REPLACE FUNCTION grids.may_hold(part jsonb, entrance text, floor integer) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (entrance IS NULL OR coalesce(jsonb_typeof(part -> 'entrances'), 'null') = 'null'
            OR part -> 'entrances' ? entrance)
       AND (floor IS NULL OR coalesce(jsonb_typeof(part -> 'floors'), 'null') = 'null'
            OR floor BETWEEN (part -> 'floors' ->> 0)::integer AND (part -> 'floors' ->> 1)::integer)
$$;

-- How much of a building one of the micro-grids on a polygon has: each floor of each entrance that
-- anybody knows of counts the same (grids/storeys.py does it likewise for drafts).
CREATE OR REPLACE FUNCTION grids.portion_of_building(
    shares jsonb, code text, building bigint, floors integer
) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH part AS (
        SELECT share ->> 'code' AS code, each
        FROM jsonb_array_elements(shares) AS share, jsonb_array_elements(share -> 'parts') AS each
        WHERE (each ->> 'building')::bigint = building
    ), entrance AS (
        SELECT DISTINCT name
        FROM part, jsonb_array_elements_text(coalesce(each -> 'entrances', '["*"]')) AS name
    ), home AS (
        SELECT entrance.name AS entrance, level AS floor
        FROM entrance, generate_series(
            least(1, (SELECT min((each -> 'floors' ->> 0)::integer) FROM part)),
            greatest(1, floors, (SELECT max((each -> 'floors' ->> 1)::integer) FROM part))
        ) AS level WHERE level <> 0
    )
    SELECT count(*) FILTER (WHERE EXISTS (
        SELECT FROM part
        WHERE part.code = portion_of_building.code AND grids.may_hold(each, home.entrance, home.floor)
    ))::double precision / nullif(count(*), 0)
    FROM home
$$;

-- In which building, entrance and on which floor some premises are, as far as they tell; those that
-- name no building are in the one on whose ground they stand. For the owner's functions alone.
CREATE OR REPLACE FUNCTION layers.home_of_premises(
    premises_id bigint, OUT building bigint, OUT entrance text, OUT floor integer
)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(premises.building_id, (
               SELECT building.id FROM layers.building
               WHERE building.geom && premises.geom AND ST_Intersects(building.geom, premises.geom)
                 AND building.town_id = premises.town_id
               ORDER BY building.id LIMIT 1
           )),
           nullif(btrim(premises.entrance), ''), layers.floor_number(premises.floor)
    FROM layers.premises WHERE premises.id = premises_id
$$;
REVOKE EXECUTE ON FUNCTION layers.home_of_premises FROM PUBLIC;

-- The micro-grid of a high-rise that some premises are in, of those on a version's polygon; NULL where
-- it is the polygon's own, or where too little is known to tell. Likewise.
CREATE OR REPLACE FUNCTION grids.share_of_premises(the_version bigint, the_premises bigint)
RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT min(share_version.id)
    FROM layers.home_of_premises(the_premises) AS home, grids.share_version,
         jsonb_array_elements(share_version.parts) AS part
    WHERE share_version.version_id = the_version
      AND (part ->> 'building')::bigint = home.building
      AND grids.may_hold(part, home.entrance, home.floor)
    HAVING count(DISTINCT share_version.id) = 1
$$;
REVOKE EXECUTE ON FUNCTION grids.share_of_premises FROM PUBLIC;

-- An incident belongs to the micro-grid that its premises are in, as long as it belongs to the
-- version of the polygon: by whatever way it came in or went over. Runs as the owner, who sees all.
CREATE OR REPLACE FUNCTION layers.attribute_share() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.share_version_id := NULL;
    IF NEW.premises_id IS NOT NULL
       AND EXISTS (SELECT FROM grids.share_version WHERE version_id = NEW.grid_version_id) THEN
        NEW.share_version_id := grids.share_of_premises(NEW.grid_version_id, NEW.premises_id);
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER attribute_share BEFORE INSERT ON layers.incident
    FOR EACH ROW WHEN (NEW.premises_id IS NOT NULL AND NEW.grid_version_id IS NOT NULL)
    EXECUTE FUNCTION layers.attribute_share();
CREATE OR REPLACE TRIGGER attribute_share_anew
    BEFORE UPDATE OF premises_id, grid_version_id ON layers.incident
    FOR EACH ROW EXECUTE FUNCTION layers.attribute_share();

-- What the floors of some buildings hold, as sums: rented rooms, premises, and what happened in these
-- since a moment. A floor that isn't a number is NULL, as is an entrance that nobody wrote down. For
-- those who draft in the web.
DROP FUNCTION IF EXISTS layers.contents_of_floors;
CREATE FUNCTION layers.contents_of_floors(
    building_ids bigint[], since timestamptz,
    OUT building_id bigint, OUT entrance text, OUT floor integer, OUT rooms bigint,
    OUT premises bigint, OUT incidents bigint, OUT open_incidents bigint
)
RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH shop AS MATERIALIZED (
        SELECT premises.id, building.id AS building_id,
               nullif(btrim(premises.entrance), '') AS entrance,
               layers.floor_number(premises.floor) AS floor
        FROM layers.building JOIN layers.premises
            ON premises.building_id = building.id
            OR (premises.building_id IS NULL AND premises.geom && building.geom
                AND ST_Intersects(building.geom, premises.geom))
        WHERE building.id = ANY (building_ids)
          AND premises.town_id = (SELECT layers.my_town_of('premises'))
    ), happened AS MATERIALIZED (
        SELECT premises_id, count(*) FILTER (WHERE occurred_at >= since) AS lately,
               count(*) FILTER (WHERE NOT layers.is_final(state)) AS open_ones
        FROM layers.incident
        WHERE premises_id IN (SELECT id FROM shop)
          AND town_id = (SELECT layers.my_town_of('incidents'))
        GROUP BY premises_id
    ), place AS (
        SELECT room.building_id, nullif(btrim(room.entrance), '') AS entrance,
               room.floor::integer AS floor, 1 AS rooms, 0 AS premises,
               0 AS incidents, 0 AS open_incidents
        FROM layers.rental_room AS room
        WHERE room.building_id = ANY (building_ids)
          AND room.town_id = (SELECT layers.my_town_of('buildings'))
        UNION ALL
        SELECT shop.building_id, shop.entrance, shop.floor, 0, 1,
               coalesce(happened.lately, 0), coalesce(happened.open_ones, 0)
        FROM shop LEFT JOIN happened ON happened.premises_id = shop.id
    )
    SELECT place.building_id, place.entrance, place.floor, sum(rooms), sum(place.premises),
           sum(place.incidents), sum(place.open_incidents)
    FROM place WHERE (SELECT layers.is_trusted_session())
    GROUP BY place.building_id, place.entrance, place.floor
$$;
REVOKE EXECUTE ON FUNCTION layers.contents_of_floors FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.contents_of_floors
    TO gridwhistle_gis_editor, gridwhistle_administrator;
