-- A name is one place as long as its pieces hang together within 400 m: 大成路 of two villages is two.
WITH piece AS (
    SELECT id, name, geom,
           ST_ClusterDBSCAN(ST_Centroid(geom), 0.006, 1) OVER (PARTITION BY name) AS part
    FROM published.streets
    WHERE name IS NOT NULL
), street AS (
    SELECT min(id) AS id, name, ST_Collect(geom) AS geom
    FROM piece
    GROUP BY name, part
)
SELECT id, name, NULL AS detail, ST_X(spot) AS lon, ST_Y(spot) AS lat
FROM street, ST_ClosestPoint(geom, ST_Centroid(geom)) AS spot
