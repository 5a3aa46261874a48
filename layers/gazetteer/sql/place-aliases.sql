SELECT id, name, NULL AS name_en, NULL AS also, note AS detail,
       ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM dispatcher."place-aliases"
