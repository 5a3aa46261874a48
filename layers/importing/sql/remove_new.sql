-- Rows that the batch brought: it remembers nothing before them.
DELETE FROM layers.{table} AS stored
WHERE stored.town_id = {town_id} AND stored.batch_id = {batch_id}
  AND NOT EXISTS (
      SELECT 1 FROM layers.row_before
      WHERE row_before.batch_id = {batch_id} AND row_before.layer = {layer}
        AND row_before.key = stored.key
  )
