SELECT id, name, NULL AS name_en, NULL AS also, NULL AS detail,
       ST_X(spot) AS lon, ST_Y(spot) AS lat
FROM published.water, ST_PointOnSurface(geom) AS spot
WHERE name IS NOT NULL
