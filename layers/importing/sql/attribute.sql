-- The micro-grid that held each incident when it happened; an incident keeps the one it has.
UPDATE layers.incident
SET grid_version_id = version.id
FROM grids.version
JOIN grids.unit ON unit.id = version.unit_id AND unit.level = 4
WHERE incident.town_id = {town_id} AND version.town_id = {town_id}
  AND incident.grid_version_id IS NULL
  AND version.geom && incident.geom AND ST_Intersects(version.geom, incident.geom)
  AND version.valid @> incident.occurred_at
