-- Of a building with a name, the entrances that its premises name.
SELECT min(building.id) AS id, building.name AS building,
       premises.address, premises.entrance, avg(ST_X(premises.geom)) AS lon, avg(ST_Y(premises.geom)) AS lat
FROM published.premises
JOIN published.buildings AS building
    ON building.geom && premises.geom AND ST_Intersects(building.geom, premises.geom)
WHERE premises.entrance IS NOT NULL AND building.name IS NOT NULL
GROUP BY building.name, premises.address, premises.entrance
