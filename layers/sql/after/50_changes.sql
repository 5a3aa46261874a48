-- The change feed. Triggers made from the catalogue (layers/changes/triggers.py) note every change of
-- a published layer in layers.pending_change; what has been committed there gets its number here.
INSERT INTO layers.change_position (last, forgotten, looked_at) VALUES (0, 0, now())
ON CONFLICT DO NOTHING;

-- Gives committed changes their numbers, and says which was given last and up to which they are gone.
--
-- Whoever has read up to a number has missed nothing below it: runs take turns under a lock that is
-- held until they have committed, each goes on where the last one ended, and a change shows only
-- with its number; so what a reader sees is the log up to some run, without a gap.
--
-- Changes that depend on each other keep their order: a transaction that touches a row which another
-- one changed waits for that one's commit before it notes its own change. So the other one's notes
-- have smaller ids, and a run that sees the later note sees the earlier ones too. Of a run, each
-- transaction's changes stand together, transactions in the order of their last notes: the other
-- one's notes are all older than the one that waited, hence older than the last of its transaction.
--
-- Runs as the owner, for the web's own login, in a transaction of its own at READ COMMITTED (the
-- lock is held before the snapshot that moves the rows is taken).
CREATE OR REPLACE FUNCTION layers.number_changes(OUT last bigint, OUT forgotten bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before bigint;
    given bigint;
BEGIN
    IF EXISTS (SELECT FROM layers.pending_change) THEN
        PERFORM pg_advisory_xact_lock(hashtext('gridwhistle changes'));
        SELECT position.last INTO before FROM layers.change_position AS position;
        WITH moved AS (
            DELETE FROM layers.pending_change RETURNING *
        ), whole AS (
            SELECT *, max(id) OVER (PARTITION BY transaction) AS last_id FROM moved
        )
        INSERT INTO layers.change
        SELECT before + row_number() OVER (ORDER BY last_id, id),
               town_id, layer, feature_id, kind, department_before, department_after,
               grid_before, grid_after, box_before, box_after, account_id, at
        FROM whole;
        GET DIAGNOSTICS given = ROW_COUNT;
        UPDATE layers.change_position AS position SET last = before + given WHERE given > 0;
    END IF;
    SELECT position.last, position.forgotten INTO last, forgotten
    FROM layers.change_position AS position;
END $$;
REVOKE EXECUTE ON FUNCTION layers.number_changes FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.number_changes TO gridwhistle_web;

-- Forgets the oldest changes: those up to the last number before which all are older than that.
CREATE OR REPLACE FUNCTION layers.forget_changes(older_than timestamptz) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    up_to bigint;
    gone bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('gridwhistle changes'));
    SELECT coalesce(
        (SELECT min(seq) - 1 FROM layers.change WHERE at >= older_than),
        (SELECT last FROM layers.change_position)
    ) INTO up_to;
    DELETE FROM layers.change WHERE seq <= up_to;
    GET DIAGNOSTICS gone = ROW_COUNT;
    UPDATE layers.change_position SET forgotten = up_to WHERE gone > 0;
    RETURN gone;
END $$;
REVOKE EXECUTE ON FUNCTION layers.forget_changes FROM PUBLIC;

-- What the web forgets of its tiles, and which names it reads again: which feature changed and where,
-- not whose it is nor who changed it. Names, too, of what has no number yet.
GRANT SELECT (seq, town_id, layer, feature_id, box_before, box_after) ON layers.change
    TO gridwhistle_web;
GRANT SELECT (id, town_id, layer, feature_id) ON layers.pending_change TO gridwhistle_web;
GRANT SELECT (last, forgotten) ON layers.change_position TO gridwhistle_web;

-- What was, was: nobody changes a line of the history, the owner included.
CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON layers.history
    FOR EACH STATEMENT EXECUTE FUNCTION layers.refuse_change_of_log();
