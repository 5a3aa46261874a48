-- Whom and what a redraw concerns, for its report: premises, open incidents (and those that began
-- after the given moment), their own versions in some faces before and after, and in which building,
-- entrance and floor they are, as far as their premises tell. Runs as the owner, for those who
-- draft: they need to know how many incidents go where, not what these are. To a login of one's own
-- it tells nothing, which could ask for any shape.
DROP FUNCTION IF EXISTS grids.concerned_by_redraw;
CREATE FUNCTION grids.concerned_by_redraw(
    base_at timestamptz, unit_ids bigint[], shapes_after bytea[],
    OUT layer text, OUT id bigint, OUT label text, OUT before_unit bigint, OUT after_unit bigint,
    OUT building bigint, OUT entrance text, OUT floor integer
)
RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH face_after AS MATERIALIZED (
        SELECT unit_id, ST_GeomFromWKB(shape, 4326) AS geom
        FROM unnest(unit_ids, shapes_after) AS face (unit_id, shape) WHERE shape IS NOT NULL
    ), face_before AS MATERIALIZED (
        SELECT version.unit_id, version.geom FROM grids.version
        WHERE version.unit_id = ANY (unit_ids) AND version.valid @> base_at
          AND version.town_id = (SELECT layers.my_town_of('micro-grids'))
    ), thing AS (
        SELECT 'premises' AS layer, id, name AS label, geom, town_id, id AS premises_id
        FROM layers.premises
        UNION ALL
        SELECT 'incidents', id, '#' || id, geom, town_id, premises_id FROM layers.incident
        WHERE NOT layers.is_final(state)
    ), placed AS (
        SELECT thing.layer, thing.id, thing.label, thing.premises_id,
               face_before.unit_id AS before_unit, NULL::bigint AS after_unit
        FROM face_before JOIN thing ON ST_Intersects(face_before.geom, thing.geom)
        WHERE thing.town_id = (SELECT layers.my_town_of('micro-grids'))
        UNION ALL
        SELECT thing.layer, thing.id, thing.label, thing.premises_id, NULL, face_after.unit_id
        FROM face_after JOIN thing ON ST_Intersects(face_after.geom, thing.geom)
        WHERE thing.town_id = (SELECT layers.my_town_of('micro-grids'))
    ), concerned AS (
        -- A point on a shared edge belongs to the unit with the smallest id, before as after.
        SELECT layer, id, min(label) AS label, min(before_unit) AS before_unit,
               min(after_unit) AS after_unit, min(premises_id) AS premises_id
        FROM placed WHERE (SELECT layers.is_trusted_session()) GROUP BY layer, id
    )
    SELECT concerned.layer, concerned.id, concerned.label, concerned.before_unit,
           concerned.after_unit, home.building, home.entrance, home.floor
    FROM concerned LEFT JOIN LATERAL layers.home_of_premises(concerned.premises_id) AS home ON true
$$;
REVOKE EXECUTE ON FUNCTION grids.concerned_by_redraw FROM PUBLIC;
GRANT EXECUTE ON FUNCTION grids.concerned_by_redraw
    TO gridwhistle_gis_editor, gridwhistle_administrator;
