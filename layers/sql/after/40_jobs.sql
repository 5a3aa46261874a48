-- Jobs: written by whoever may run the process, seen by the account that submitted them. A job of
-- nobody's account is seen by those who know its id, which is 122 random bits and is listed nowhere.
-- Whoever came for some layers only sees the jobs that were submitted for no others.
CREATE OR REPLACE FUNCTION layers.named_job() RETURNS uuid
LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('gridwhistle.job_id', true), '')::uuid
$$;

ALTER TABLE layers.job ENABLE ROW LEVEL SECURITY;
DO $$
DECLARE
    own constant text := $own$
        town_id = (SELECT layers.my_town())
        AND (account_id = (SELECT layers.my_account())
             OR (account_id IS NULL AND id = (SELECT layers.named_job())))
        AND ((SELECT layers.my_only_layers()) IS NULL
             OR only_layers <@ (SELECT layers.my_only_layers()))
    $own$;
BEGIN
    DROP POLICY IF EXISTS own_read ON layers.job;
    DROP POLICY IF EXISTS own_submitted ON layers.job;
    DROP POLICY IF EXISTS own_dismissed ON layers.job;
    EXECUTE format('CREATE POLICY own_read ON layers.job FOR SELECT USING (%s)', own);
    EXECUTE format('CREATE POLICY own_submitted ON layers.job FOR INSERT WITH CHECK (%s)', own);
    -- A submitter changes nothing of a job but that it is dismissed.
    EXECUTE format(
        'CREATE POLICY own_dismissed ON layers.job FOR UPDATE USING (%1$s)'
        ' WITH CHECK (%1$s AND status = ''dismissed'')', own
    );
END $$;

-- A job runs as its submitter: the transaction says who that is, not the statement.
CREATE OR REPLACE FUNCTION layers.sign_job() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT layers.is_trusted_session() THEN
        RAISE insufficient_privilege USING MESSAGE = 'jobs are submitted over HTTP';
    END IF;
    NEW.town_id := layers.my_town();
    NEW.role := current_user;
    NEW.account_id := layers.my_account();
    NEW.department := layers.my_department();
    NEW.grid_id := layers.my_grid();
    NEW.layers := coalesce(layers.my_layers(), '{}');
    NEW.only_layers := layers.my_only_layers();
    RETURN NEW;
END $$;

-- Puts the job on the queue in the submitter's transaction: both are there, or neither is. Raises
-- configuration_limit_exceeded where too many jobs wait already.
CREATE OR REPLACE FUNCTION layers.enqueue_job() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, procrastinate, pg_temp AS $$
DECLARE
    unfinished bigint;
BEGIN
    SELECT count(*) INTO unfinished FROM layers.job
    WHERE status IN ('accepted', 'running') AND account_id IS NOT DISTINCT FROM NEW.account_id;
    IF unfinished >= (CASE WHEN NEW.account_id IS NULL THEN 100 ELSE 20 END) THEN
        RAISE configuration_limit_exceeded
            USING MESSAGE = format('%s jobs are unfinished already', unfinished);
    END IF;
    SELECT queued INTO NEW.queue_id FROM unnest(procrastinate_defer_jobs_v1(ARRAY[ROW(
        'jobs', 'run_job', 0, NULL, NULL, jsonb_build_object('job_id', NEW.id), NULL
    )::procrastinate_job_to_defer_v1])) AS queued;
    RETURN NEW;
END $$;

-- Tells the worker to stop the work, and forgets what there is of results.
CREATE OR REPLACE FUNCTION layers.dismiss_job() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, procrastinate, pg_temp AS $$
BEGIN
    PERFORM procrastinate_cancel_job_v1(OLD.queue_id, true, false);
    NEW.results := NULL;
    NEW.exception := NULL;
    NEW.message := 'dismissed / 已取消';
    NEW.finished := coalesce(OLD.finished, now());
    NEW.keep_until := coalesce(OLD.keep_until, now() + interval '1 day');
    RETURN NEW;
END $$;

-- For the web's metrics: numbers, whosever the jobs are.
CREATE OR REPLACE FUNCTION layers.count_unfinished_jobs(OUT status text, OUT jobs double precision)
RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT state, count(job.id) FROM unnest(ARRAY['accepted', 'running']) AS state
    LEFT JOIN layers.job ON job.status = state
    GROUP BY state
$$;
REVOKE EXECUTE ON FUNCTION layers.count_unfinished_jobs() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.count_unfinished_jobs() TO gridwhistle_web;

CREATE OR REPLACE TRIGGER a_sign BEFORE INSERT ON layers.job
    FOR EACH ROW EXECUTE FUNCTION layers.sign_job();
CREATE OR REPLACE TRIGGER b_enqueue BEFORE INSERT ON layers.job
    FOR EACH ROW EXECUTE FUNCTION layers.enqueue_job();
CREATE OR REPLACE TRIGGER dismiss BEFORE UPDATE OF status ON layers.job
    FOR EACH ROW WHEN (NEW.status = 'dismissed' AND OLD.status <> 'dismissed')
    EXECUTE FUNCTION layers.dismiss_job();

DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY[
        'anonymous', 'grid_member', 'officer', 'dispatcher', 'gis_editor', 'planner',
        'administrator', 'security_officer', 'auditor', 'system'
    ] LOOP
        EXECUTE format('GRANT SELECT, INSERT (id, process_id, inputs, outputs, response, may_write), '
                       'UPDATE (status) ON layers.job TO %I', 'gridwhistle_' || role);
    END LOOP;
END $$;
