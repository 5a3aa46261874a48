SELECT id, name, name_en, code AS also, NULL AS detail, ST_X(spot) AS lon, ST_Y(spot) AS lat
FROM published."villages", ST_PointOnSurface(geom) AS spot
