SELECT id, name, NULL AS name_en, code AS also, code AS detail,
       ST_X(spot) AS lon, ST_Y(spot) AS lat
FROM published."micro-grid-shares", ST_PointOnSurface(geom) AS spot
