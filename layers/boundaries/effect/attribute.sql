-- Open incidents belong to the micro-grid that holds them now. A closed one keeps the version in
-- which it was, but where it happened since a change it belongs to the version of its own moment. On
-- a shared edge the smallest id decides.
WITH belonging AS (
    SELECT incident.id, incident.geom,
           CASE WHEN layers.is_final(state) THEN occurred_at ELSE %(now)s::timestamptz END AS at
    FROM layers.incident
    LEFT JOIN grids.version AS held ON held.id = incident.grid_version_id
    WHERE incident.town_id = %(town_id)s
      AND (NOT layers.is_final(state) OR occurred_at >= %(moment)s)
      AND (held.valid @> CASE WHEN layers.is_final(state) THEN occurred_at ELSE %(now)s::timestamptz END)
          IS NOT TRUE
), placed AS (
    SELECT belonging.id, (
        SELECT version.id
        FROM grids.version
        JOIN grids.unit ON unit.id = version.unit_id AND unit.level = 4
        WHERE version.town_id = %(town_id)s AND version.valid @> belonging.at
          AND version.geom && belonging.geom AND ST_Intersects(version.geom, belonging.geom)
        ORDER BY version.unit_id LIMIT 1
    ) AS version_id
    FROM belonging
)
UPDATE layers.incident SET grid_version_id = placed.version_id
FROM placed
WHERE incident.id = placed.id AND incident.grid_version_id IS DISTINCT FROM placed.version_id
