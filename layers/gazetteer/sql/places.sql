SELECT id, name, name_en, NULL AS also, NULL AS detail, ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM published.places
