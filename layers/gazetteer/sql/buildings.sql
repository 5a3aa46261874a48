SELECT id, name, address, ST_X(spot) AS lon, ST_Y(spot) AS lat
FROM published.buildings, ST_PointOnSurface(geom) AS spot
WHERE name IS NOT NULL OR address IS NOT NULL
