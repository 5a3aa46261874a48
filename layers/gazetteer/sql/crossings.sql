-- Where two named streets share a node; a dual carriageway's several nodes are one crossing.
WITH arm AS (
    SELECT from_node AS node, name, ST_StartPoint(geom) AS spot
    FROM published.streets WHERE name IS NOT NULL
    UNION
    SELECT to_node, name, ST_EndPoint(geom)
    FROM published.streets WHERE name IS NOT NULL
), meeting AS (
    SELECT arm.node, arm.name AS one, met.name AS other, min(arm.spot) AS spot
    FROM arm JOIN arm AS met ON met.node = arm.node AND met.name > arm.name
    GROUP BY arm.node, arm.name, met.name
), crossing AS (
    SELECT *, ST_ClusterDBSCAN(spot, 0.0008, 1) OVER (PARTITION BY one, other) AS place
    FROM meeting
)
SELECT min(node) AS id, one, other,
       avg(ST_X(spot)) AS lon, avg(ST_Y(spot)) AS lat
FROM crossing
GROUP BY one, other, place
