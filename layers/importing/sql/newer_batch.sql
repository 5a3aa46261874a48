-- The oldest later batch that changed rows which this batch had brought or changed.
SELECT min(later.batch_id)
FROM layers.row_before AS later
JOIN spatial.batch ON batch.id = later.batch_id AND batch.town_id = {town_id}
WHERE later.layer = {layer} AND (later.row::jsonb ->> 'batch_id')::bigint = {batch_id}
