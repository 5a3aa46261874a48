SELECT id, updated, number, street, ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM published."lamp-posts"
WHERE updated >= %(since)s
