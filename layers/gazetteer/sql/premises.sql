SELECT id, name, address, entrance, floor, ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM published.premises
