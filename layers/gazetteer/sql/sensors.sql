SELECT id, name, NULL AS name_en,
       regexp_replace(name, '^(\D+)(\d+)$', '\2号\1') AS also, NULL AS detail,
       ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM published.sensors
