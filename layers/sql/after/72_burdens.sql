-- What grids have to look after and no layer shows to those who draw them: sums without a person, a
-- room or an address in them. Both run as the owner, for those who draft in the web and came for
-- the layer that is counted; a login of one's own learns nothing.

-- Rented rooms of each building.
CREATE OR REPLACE FUNCTION layers.rooms_of_buildings(OUT place geometry, OUT rooms bigint)
RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT ST_PointOnSurface(building.geom), count(*)
    FROM layers.rental_room AS room JOIN layers.building ON building.id = room.building_id
    WHERE room.town_id = layers.my_town_of('buildings') AND building.inside
      AND layers.is_trusted_session()
    GROUP BY building.id
$$;
REVOKE EXECUTE ON FUNCTION layers.rooms_of_buildings FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.rooms_of_buildings
    TO gridwhistle_gis_editor, gridwhistle_administrator;

-- Incidents since a moment by H3 cell (resolution 11, some 50 m across): not where each one was.
CREATE OR REPLACE FUNCTION layers.incidents_of_cells(
    since timestamptz, OUT cell bigint, OUT incidents bigint
)
RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT incident.cell, count(*) FROM layers.incident
    WHERE town_id = layers.my_town_of('incidents') AND occurred_at >= since AND inside
      AND layers.has_happened(state)
      AND layers.is_trusted_session()
    GROUP BY incident.cell
$$;
REVOKE EXECUTE ON FUNCTION layers.incidents_of_cells FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.incidents_of_cells
    TO gridwhistle_gis_editor, gridwhistle_administrator;
