-- The coverage in time and the drafts that change it: who reads them, who may write what of them.
-- Drafts are of the town's GIS editors and administrators, in sessions that came for micro-grids too
-- (a key may be for other layers only). Whoever holds a draft's link reads that draft alone, as
-- anonymous, and pins comments on it.

-- A version says which code and parent its unit has; where the writer doesn't, those of today.
CREATE OR REPLACE FUNCTION grids.complete_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT coalesce(NEW.code, unit.code), coalesce(NEW.parent_id, unit.parent_id)
    INTO NEW.code, NEW.parent_id
    FROM grids.unit WHERE unit.id = NEW.unit_id;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER complete_version BEFORE INSERT ON grids.version
    FOR EACH ROW EXECUTE FUNCTION grids.complete_version();

-- The moment of which the map is asked for by `datetime=`; NULL: now.
CREATE OR REPLACE FUNCTION layers.asked_moment() RETURNS timestamptz
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN nullif(current_setting('gridwhistle.moment', true), '')::timestamptz;
END $$;

-- The units of a moment, of the asker's own town: what is published of them anyway. Runs as the
-- owner, for those who draft and those whom a draft is shown to.
CREATE OR REPLACE FUNCTION grids.units_at(
    moment timestamptz, OUT id bigint, OUT level smallint, OUT parent_id bigint, OUT code text,
    OUT name text, OUT name_en text, OUT kind text
)
RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT unit.id, unit.level, version.parent_id, version.code, version.name, version.name_en,
           version.kind
    FROM grids.version JOIN grids.unit ON unit.id = version.unit_id
    WHERE version.town_id = (SELECT layers.my_town_of('micro-grids')) AND version.valid @> moment
$$;
REVOKE EXECUTE ON FUNCTION grids.units_at FROM PUBLIC;
GRANT EXECUTE ON FUNCTION grids.units_at
    TO gridwhistle_gis_editor, gridwhistle_administrator, gridwhistle_anonymous;

-- When the coverage that holds at a moment began to hold. Runs as the owner, likewise.
CREATE OR REPLACE FUNCTION grids.coverage_began(at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT max(moment)
    FROM grids.version, LATERAL (VALUES (lower(valid)), (upper(valid))) AS bound (moment)
    WHERE town_id = (SELECT layers.my_town_of('micro-grids')) AND moment <= at
$$;
REVOKE EXECUTE ON FUNCTION grids.coverage_began FROM PUBLIC;
GRANT EXECUTE ON FUNCTION grids.coverage_began TO gridwhistle_gis_editor, gridwhistle_administrator;

-- Whose a code was at any time: no other unit gets it again. Runs as the owner, likewise.
DROP FUNCTION IF EXISTS grids.given_codes();
CREATE OR REPLACE FUNCTION grids.owners_of_codes(
    codes text[], OUT unit_id bigint, OUT code text
)
RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT version.unit_id, version.code FROM grids.version
    WHERE town_id = (SELECT layers.my_town_of('micro-grids')) AND version.code = ANY (codes)
    UNION
    SELECT unit.id, unit.code FROM grids.unit
    WHERE town_id = (SELECT layers.my_town_of('micro-grids')) AND unit.code = ANY (codes)
    UNION
    SELECT version.unit_id, share ->> 'code'
    FROM grids.version, jsonb_array_elements(version.shares) AS share
    WHERE town_id = (SELECT layers.my_town_of('micro-grids')) AND share ->> 'code' = ANY (codes)
$$;
REVOKE EXECUTE ON FUNCTION grids.owners_of_codes FROM PUBLIC;
GRANT EXECUTE ON FUNCTION grids.owners_of_codes
    TO gridwhistle_gis_editor, gridwhistle_administrator;

-- Looks up a link for its holder, who may not; the web states the link's hash in the transaction.
CREATE OR REPLACE FUNCTION grids.linked_draft() RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    stated CONSTANT text := nullif(current_setting('gridwhistle.draft_link', true), '');
BEGIN
    IF stated IS NULL OR NOT layers.is_trusted_session() THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT draft_id FROM grids.draft_link
            WHERE token_sha256 = decode(stated, 'hex') AND expires > now()
              AND town_id = layers.my_town());
END $$;

-- A draft's author is whoever opens it; its approver whoever approves it, which is somebody who has
-- drawn nothing of it. Only the owner, who makes drafts effective, is not asked.
CREATE OR REPLACE FUNCTION grids.guard_draft() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    -- By a login of one's own a draft would get past the whole check, and past its base.
    IF NOT layers.is_trusted_session() THEN
        RAISE insufficient_privilege USING MESSAGE = 'drafts are edited over HTTP';
    END IF;
    IF layers.my_account() IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'a draft is somebody''s: sign in';
    END IF;
    IF TG_OP = 'INSERT' THEN
        NEW.town_id := layers.my_town();
        NEW.author := layers.my_account();
        NEW.state := 'open';
        NEW.approver := NULL;
        NEW.effective_from := NULL;
        NEW.report := NULL;
        NEW.suggestion := NULL;
        NEW.drawn_by := '{}';
        RETURN NEW;
    END IF;
    IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
        ('open', 'submitted'), ('open', 'withdrawn'), ('submitted', 'open'),
        ('submitted', 'approved'), ('submitted', 'withdrawn'), ('approved', 'open'),
        ('approved', 'withdrawn')
    ) THEN
        RAISE insufficient_privilege
            USING MESSAGE = format('a draft that is %s can''t be %s', OLD.state, NEW.state);
    END IF;
    IF (NEW.revision, NEW.base_at, NEW.first_arc) <> (OLD.revision, OLD.base_at, OLD.first_arc)
       AND (OLD.state <> 'open' OR NEW.state <> 'open') THEN
        RAISE insufficient_privilege USING MESSAGE = 'only an open draft is edited';
    END IF;
    IF NEW.suggestion IS DISTINCT FROM OLD.suggestion
       AND (OLD.suggestion IS NOT NULL OR NOT layers.is_trusted_session()) THEN
        RAISE insufficient_privilege USING MESSAGE = 'what was suggested stays as it was said';
    END IF;
    IF NEW.revision <> OLD.revision AND NOT layers.my_account() = ANY (OLD.drawn_by) THEN
        NEW.drawn_by := OLD.drawn_by || layers.my_account();
    END IF;
    IF NEW.state = 'approved' AND OLD.state <> 'approved' THEN
        NEW.approver := layers.my_account();
        IF NEW.approver = OLD.author OR NEW.approver = ANY (OLD.drawn_by) THEN
            RAISE insufficient_privilege USING MESSAGE = 'a draft is approved by somebody else';
        END IF;
    ELSIF NEW.state <> 'approved' THEN
        NEW.approver := NULL;
        NEW.effective_from := NULL;
    ELSIF (NEW.approver, NEW.effective_from) IS DISTINCT FROM (OLD.approver, OLD.effective_from) THEN
        RAISE insufficient_privilege USING MESSAGE = 'what is approved stays as it was approved';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER guard_draft BEFORE INSERT OR UPDATE ON grids.draft
    FOR EACH ROW WHEN (NOT layers.is_owner_session() OR current_user LIKE 'gridwhistle\_%')
    EXECUTE FUNCTION grids.guard_draft();

-- Wakes the worker at the moment from which an approved draft holds. Runs as the owner, whose queue
-- it is; a wake-up that is lost is made up for by the worker's look at the clock.
CREATE OR REPLACE FUNCTION grids.wake_for_draft() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, procrastinate, pg_temp AS $$
BEGIN
    PERFORM procrastinate_defer_jobs_v1(ARRAY[ROW(
        'periodic', 'redraw-boundaries', 0, 'redraw-boundaries', NULL,
        jsonb_build_object('timestamp', 0), NEW.effective_from
    )::procrastinate_job_to_defer_v1]);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER wake_for_draft AFTER UPDATE OF state ON grids.draft
    FOR EACH ROW WHEN (NEW.state = 'approved' AND OLD.state <> 'approved')
    EXECUTE FUNCTION grids.wake_for_draft();

-- Refuses whoever edits a draft that isn't open, or otherwise than over HTTP. Its client, if it has one.
CREATE OR REPLACE FUNCTION grids.client_of_edited(edited bigint) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    open_draft record;
BEGIN
    IF NOT layers.is_trusted_session() OR layers.my_account() IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'drafts are edited over HTTP';
    END IF;
    SELECT client INTO open_draft FROM grids.draft WHERE id = edited AND state = 'open';
    IF NOT FOUND THEN
        RAISE insufficient_privilege USING MESSAGE = 'only an open draft is edited';
    END IF;
    RETURN open_draft.client;
END $$;
REVOKE EXECUTE ON FUNCTION grids.client_of_edited FROM PUBLIC;
GRANT EXECUTE ON FUNCTION grids.client_of_edited
    TO gridwhistle_gis_editor, gridwhistle_administrator;

-- A step is what the server has computed and checked; the outline is the administrator's to change.
CREATE OR REPLACE FUNCTION grids.guard_step() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM grids.client_of_edited(CASE TG_OP WHEN 'DELETE' THEN OLD.draft_id ELSE NEW.draft_id END);
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'INSERT' THEN
        NEW.town_id := layers.my_town();
        NEW.author := layers.my_account();
        IF starts_with(NEW.kind, 'move_outline') AND current_user <> 'gridwhistle_administrator' THEN
            RAISE insufficient_privilege USING MESSAGE = 'the outline is the administrator''s to change';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER guard_step BEFORE INSERT OR UPDATE OR DELETE ON grids.draft_step
    FOR EACH ROW WHEN (NOT layers.is_owner_session() OR current_user LIKE 'gridwhistle\_%')
    EXECUTE FUNCTION grids.guard_step();

-- A link and a comment are of the town, as their draft is, and whose account they come from is not
-- theirs to say.
CREATE OR REPLACE FUNCTION grids.sign_beside_draft() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.town_id := layers.my_town();
    -- A foreign key looks past row policies.
    IF NOT EXISTS (SELECT FROM grids.draft WHERE id = NEW.draft_id AND town_id = NEW.town_id) THEN
        RAISE insufficient_privilege USING MESSAGE = 'there is no such draft';
    END IF;
    IF TG_TABLE_NAME = 'draft_comment' THEN
        NEW.account := layers.my_account();
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER sign_link BEFORE INSERT ON grids.draft_link
    FOR EACH ROW EXECUTE FUNCTION grids.sign_beside_draft();
CREATE OR REPLACE TRIGGER sign_comment BEFORE INSERT ON grids.draft_comment
    FOR EACH ROW EXECUTE FUNCTION grids.sign_beside_draft();

-- A link that is passed around must not fill the disk.
CREATE OR REPLACE FUNCTION grids.limit_comments() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (SELECT count(*) FROM grids.draft_comment WHERE draft_id = NEW.draft_id) >= 5000 THEN
        RAISE configuration_limit_exceeded USING MESSAGE = 'the draft has 5000 comments already';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER limit_comments BEFORE INSERT ON grids.draft_comment
    FOR EACH ROW EXECUTE FUNCTION grids.limit_comments();

DO $$
DECLARE
    name text;
    read text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'arc_version', 'draft', 'draft_step', 'lineage', 'draft_link', 'draft_comment'
    ] LOOP
        EXECUTE format('ALTER TABLE grids.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('DROP POLICY IF EXISTS own_town ON grids.%I', name);
        EXECUTE format('DROP POLICY IF EXISTS by_link ON grids.%I', name);
        EXECUTE format(
            'CREATE POLICY own_town ON grids.%I TO gridwhistle_gis_editor, gridwhistle_administrator
             USING (town_id = (SELECT layers.my_town_of(''micro-grids'')))', name
        );
        read := CASE name WHEN 'draft' THEN 'id = (SELECT grids.linked_draft())'
            WHEN 'arc_version' THEN '(SELECT grids.linked_draft()) IS NOT NULL'
            ELSE 'draft_id = (SELECT grids.linked_draft())' END;
        CONTINUE WHEN name IN ('lineage', 'draft_link');
        EXECUTE format(
            'CREATE POLICY by_link ON grids.%I TO gridwhistle_anonymous
             USING (town_id = (SELECT layers.my_town()) AND %s)', name, read
        );
    END LOOP;
END $$;

GRANT USAGE ON SCHEMA grids TO
    gridwhistle_gis_editor, gridwhistle_administrator, gridwhistle_anonymous;
GRANT SELECT ON grids.arc_version, grids.draft, grids.draft_step, grids.lineage,
    grids.draft_link, grids.draft_comment TO gridwhistle_gis_editor, gridwhistle_administrator;
GRANT USAGE ON SEQUENCE grids.arc_block, grids.unit_id_seq
    TO gridwhistle_gis_editor, gridwhistle_administrator;
GRANT INSERT (name, base_at, first_arc, client),
    UPDATE (name, state, base_at, first_arc, revision, effective_from, conflict, suggestion)
    ON grids.draft TO gridwhistle_gis_editor, gridwhistle_administrator;
GRANT INSERT (draft_id, number, kind, parameters, change), UPDATE (change, undone_at), DELETE
    ON grids.draft_step TO gridwhistle_gis_editor, gridwhistle_administrator;
GRANT INSERT (draft_id, token_sha256, label, expires), DELETE
    ON grids.draft_link TO gridwhistle_gis_editor, gridwhistle_administrator;
GRANT INSERT (draft_id, geom, text, nickname) ON grids.draft_comment
    TO gridwhistle_gis_editor, gridwhistle_administrator, gridwhistle_anonymous;
GRANT DELETE ON grids.draft_comment TO gridwhistle_gis_editor, gridwhistle_administrator;
GRANT SELECT ON grids.arc_version, grids.draft_step, grids.draft_comment TO gridwhistle_anonymous;
-- Not whom it concerns, nor how many households: a link is for the lines and the names of units.
REVOKE SELECT ON grids.draft FROM gridwhistle_anonymous;
GRANT SELECT (id, town_id, name, author, state, base_at, first_arc, revision, effective_from,
    approver, client, conflict, created, updated) ON grids.draft TO gridwhistle_anonymous;

-- The grid members of some grids: who answers for them. Runs as the owner, for those who draft; to a
-- login of one's own it tells nothing, which could ask for any grid; the same for the next one.
CREATE OR REPLACE FUNCTION grids.members_of_grids(
    grid_ids bigint[], OUT account_id bigint, OUT display_name text, OUT grid_id bigint
)
RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT account.id, account.display_name, account.grid_id FROM layers.account
    WHERE account.grid_id = ANY (grid_ids) AND account.town_id = (SELECT layers.my_town_of('micro-grids'))
      AND account.disabled_at IS NULL AND layers.is_trusted_session()
$$;
REVOKE EXECUTE ON FUNCTION grids.members_of_grids FROM PUBLIC;
GRANT EXECUTE ON FUNCTION grids.members_of_grids
    TO gridwhistle_gis_editor, gridwhistle_administrator;

-- The names of accounts that drafts are told of, by those who may know them.
CREATE OR REPLACE FUNCTION grids.names_of_accounts(
    account_ids bigint[], OUT account_id bigint, OUT display_name text
)
RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT id, display_name FROM layers.account
    WHERE id = ANY (account_ids) AND town_id = (SELECT layers.my_town_of('micro-grids'))
      AND role IN ('gridwhistle_gis_editor', 'gridwhistle_administrator')
      AND layers.is_trusted_session()
$$;
REVOKE EXECUTE ON FUNCTION grids.names_of_accounts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION grids.names_of_accounts
    TO gridwhistle_gis_editor, gridwhistle_administrator;
