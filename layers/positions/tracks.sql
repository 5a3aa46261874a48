-- Draw the tracks of the last hours anew of those who have moved since they were drawn, and take
-- away those of which nothing is kept from that time.
WITH gone AS (
    DELETE FROM layers.track
    WHERE town_id = %(town_id)s AND NOT EXISTS (
        SELECT FROM layers.position
        WHERE position.responder_id = track.responder_id AND at > now() - %(drawn)s
    )
), moved AS (
    SELECT responder_id FROM layers.position
    WHERE town_id = %(town_id)s AND at > now() - %(drawn)s
    GROUP BY responder_id
    HAVING count(*) > 1 AND max(at) > coalesce(
        (SELECT to_at FROM layers.track WHERE track.responder_id = position.responder_id), '-infinity'
    )
), lines AS (
    SELECT responder_id, min(at) AS from_at, max(at) AS to_at, count(*) AS points,
           ST_MakeLine(geom ORDER BY at) AS line
    FROM layers.position JOIN moved USING (responder_id)
    WHERE at > now() - %(drawn)s
    GROUP BY responder_id
)
INSERT INTO layers.track AS stored (responder_id, town_id, from_at, to_at, points, length_m, geom)
SELECT responder_id, %(town_id)s, from_at, to_at, points, ST_Length(line::geography),
       ST_Simplify(line, 0.00001, true) -- about a metre
FROM lines
ON CONFLICT (responder_id) DO UPDATE
SET (from_at, to_at, points, length_m, geom)
    = (EXCLUDED.from_at, EXCLUDED.to_at, EXCLUDED.points, EXCLUDED.length_m, EXCLUDED.geom)
