-- The units of a moment with their shapes, of the asker's own town: what leaves the house in files
-- and what a file that comes back is compared with. All of it is published, but for no moment at
-- once and not the town's own shape of a past day. Runs as the owner, for those who draft.
CREATE OR REPLACE FUNCTION grids.shapes_at(
    moment timestamptz, OUT id bigint, OUT level smallint, OUT parent_id bigint, OUT code text,
    OUT name text, OUT name_en text, OUT kind text, OUT parent text, OUT valid_from timestamptz,
    OUT shape bytea
)
RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT unit.id, unit.level, version.parent_id, version.code, version.name, version.name_en,
           version.kind, parent.code, lower(version.valid), ST_AsBinary(version.geom)
    FROM grids.version
    JOIN grids.unit ON unit.id = version.unit_id
    LEFT JOIN grids.version AS parent
        ON parent.unit_id = version.parent_id AND parent.valid @> moment
    WHERE version.town_id = (SELECT layers.my_town_of('micro-grids')) AND version.valid @> moment
    ORDER BY unit.level, version.code
$$;
REVOKE EXECUTE ON FUNCTION grids.shapes_at FROM PUBLIC;
GRANT EXECUTE ON FUNCTION grids.shapes_at TO gridwhistle_gis_editor, gridwhistle_administrator;
