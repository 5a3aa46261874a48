-- Premises and households in some shapes, each counted where its place lies.
SELECT shape.number,
       (SELECT count(*) FROM layers.premises
        WHERE premises.town_id = %(town_id)s AND ST_Intersects(shape.geom, premises.geom)),
       (SELECT coalesce(sum(building.households), 0) FROM layers.building
        WHERE building.town_id = %(town_id)s AND building.geom && shape.geom
          AND ST_Intersects(shape.geom, ST_PointOnSurface(building.geom)))
FROM unnest(%(numbers)s::int[], %(shapes)s::bytea[]) AS given (number, wkb),
     LATERAL (SELECT given.number, ST_GeomFromWKB(given.wkb, 4326) AS geom) AS shape
