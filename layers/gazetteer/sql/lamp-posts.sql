SELECT id, number, street, ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM published."lamp-posts"
