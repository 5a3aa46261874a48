-- Open incidents, and those that happened since, go over to the micro-grid that holds them now; a
-- closed one keeps the version in which it happened. On a shared edge the smallest id decides.
UPDATE layers.incident
SET grid_version_id = (
    SELECT version.id
    FROM grids.version
    JOIN grids.unit ON unit.id = version.unit_id AND unit.level = 4
    WHERE version.id = ANY (%(begun)s)
      AND version.geom && incident.geom AND ST_Intersects(version.geom, incident.geom)
    ORDER BY version.unit_id LIMIT 1
)
WHERE town_id = %(town_id)s
  AND (state <> 'closed' OR occurred_at >= %(moment)s)
  AND (grid_version_id = ANY (%(ended)s) OR grid_version_id IS NULL)
