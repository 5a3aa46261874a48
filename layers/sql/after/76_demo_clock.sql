-- A demo's clock stands still, so that a draft approved for a later day would wait for ever. Whoever
-- drafts lets time pass there up to that moment, and no further. Runs as the owner, whose the town
-- and the queue are; a real town's clock is nobody's to move.
CREATE OR REPLACE FUNCTION grids.pass_time_to_draft(draft bigint) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, procrastinate, pg_temp AS $$
DECLARE
    moment timestamptz;
BEGIN
    IF NOT layers.is_trusted_session() OR layers.my_account() IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE spatial.town SET as_of = greatest(as_of, waiting.effective_from)
    FROM grids.draft AS waiting
    WHERE waiting.id = draft AND waiting.state = 'approved' AND waiting.town_id = town.id
      AND town.id = (SELECT layers.my_town_of('micro-grids')) AND town.as_of IS NOT NULL
    RETURNING as_of INTO moment;
    IF moment IS NOT NULL THEN
        PERFORM procrastinate_defer_jobs_v1(ARRAY[ROW(
            'periodic', 'redraw-boundaries', 0, 'redraw-boundaries', NULL,
            jsonb_build_object('timestamp', 0), now()
        )::procrastinate_job_to_defer_v1]);
    END IF;
    RETURN moment;
END $$;
REVOKE EXECUTE ON FUNCTION grids.pass_time_to_draft FROM PUBLIC;
GRANT EXECUTE ON FUNCTION grids.pass_time_to_draft
    TO gridwhistle_gis_editor, gridwhistle_administrator;
