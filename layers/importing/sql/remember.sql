-- What `import undo` will put back: the rows as they stand, where the file changes them.
-- Geometry goes as hexadecimal EWKB; as GeoJSON it would lose decimals.
INSERT INTO layers.row_before (batch_id, layer, key, row)
SELECT {batch_id}, {layer}, stored.key,
       (to_jsonb(stored) || jsonb_build_object({geometries}))::text
FROM layers.{table} AS stored
JOIN incoming ON incoming.key = stored.key
WHERE stored.town_id = {town_id} AND ({stored}) IS DISTINCT FROM ({incoming})
