-- Rows that the batch changed, as they were.
UPDATE layers.{table} AS stored
SET ({names}) = ({before})
FROM layers.row_before,
     jsonb_populate_record(NULL::layers.{table}, row_before.row::jsonb) AS before
WHERE row_before.batch_id = {batch_id} AND row_before.layer = {layer}
  AND stored.town_id = {town_id} AND stored.key = row_before.key
