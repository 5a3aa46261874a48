SELECT 'water' AS layer, kind AS class, name, ST_AsBinary(geom) AS shape FROM published.water
UNION ALL
SELECT 'street', class, name, ST_AsBinary(geom) FROM published.streets
UNION ALL
SELECT 'building', "use", NULL, ST_AsBinary(geom) FROM published.buildings
