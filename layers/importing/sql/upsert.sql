-- New rows come in, changed ones are changed, equal ones stay untouched.
INSERT INTO layers.{table} AS stored (town_id, batch_id, key, {names})
SELECT {town_id}, {batch_id}, incoming.key, {incoming} FROM incoming
ON CONFLICT (town_id, key) DO UPDATE
SET ({names}, batch_id, updated) = ({excluded}, EXCLUDED.batch_id, clock_timestamp())
WHERE ({stored}) IS DISTINCT FROM ({excluded})
