-- Micro-grids that share one polygon, told apart by building, entrance and floor.

-- A version of a unit keeps the micro-grids of the one before, unless its writer states them.
CREATE OR REPLACE FUNCTION grids.keep_shares() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.shares := (
        SELECT shares FROM grids.version
        WHERE unit_id = NEW.unit_id ORDER BY lower(valid) DESC NULLS LAST LIMIT 1
    );
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER keep_shares BEFORE INSERT ON grids.version
    FOR EACH ROW WHEN (NEW.shares IS NULL) EXECUTE FUNCTION grids.keep_shares();

-- Which units are shared at a moment, and among which micro-grids. Runs as the owner, for those who
-- draft and those whom a draft is shown to; a login of one's own learns nothing.
CREATE OR REPLACE FUNCTION grids.shares_at(moment timestamptz, OUT unit_id bigint, OUT shares jsonb)
RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT version.unit_id, version.shares FROM grids.version
    WHERE version.town_id = (SELECT layers.my_town_of('micro-grids')) AND version.valid @> moment
      AND version.shares <> '[]' AND layers.is_trusted_session()
$$;
REVOKE EXECUTE ON FUNCTION grids.shares_at FROM PUBLIC;
GRANT EXECUTE ON FUNCTION grids.shares_at
    TO gridwhistle_gis_editor, gridwhistle_administrator, gridwhistle_anonymous;

-- What the floors of some buildings hold, as sums: rented rooms, premises, and what happened in these
-- since a moment. A floor that isn't a number is NULL. For those who draft in the web.
CREATE OR REPLACE FUNCTION layers.contents_of_floors(
    building_ids bigint[], since timestamptz,
    OUT building_id bigint, OUT floor integer, OUT rooms bigint, OUT premises bigint,
    OUT incidents bigint, OUT open_incidents bigint
)
RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH shop AS MATERIALIZED (
        SELECT id, building_id,
               (substring(floor FROM '^\s*(-?\d{1,3})\s*(?:[Ff层楼]|$)'))::integer AS floor
        FROM layers.premises
        WHERE building_id = ANY (building_ids)
          AND town_id = (SELECT layers.my_town_of('premises'))
    ), happened AS MATERIALIZED (
        SELECT premises_id, count(*) FILTER (WHERE occurred_at >= since) AS lately,
               count(*) FILTER (WHERE state <> 'closed') AS open_ones
        FROM layers.incident
        WHERE premises_id IN (SELECT id FROM shop)
          AND town_id = (SELECT layers.my_town_of('incidents'))
        GROUP BY premises_id
    ), place AS (
        SELECT room.building_id, room.floor::integer AS floor, 1 AS rooms, 0 AS premises,
               0 AS incidents, 0 AS open_incidents
        FROM layers.rental_room AS room
        WHERE room.building_id = ANY (building_ids)
          AND room.town_id = (SELECT layers.my_town_of('buildings'))
        UNION ALL
        SELECT shop.building_id, shop.floor, 0, 1,
               coalesce(happened.lately, 0), coalesce(happened.open_ones, 0)
        FROM shop LEFT JOIN happened ON happened.premises_id = shop.id
    )
    SELECT place.building_id, place.floor, sum(rooms), sum(place.premises), sum(place.incidents),
           sum(place.open_incidents)
    FROM place WHERE (SELECT layers.is_trusted_session()) GROUP BY place.building_id, place.floor
$$;
REVOKE EXECUTE ON FUNCTION layers.contents_of_floors FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.contents_of_floors
    TO gridwhistle_gis_editor, gridwhistle_administrator;
