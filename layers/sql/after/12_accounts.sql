-- Accounts: who may read and change what of them, what follows from a change, and who did it.
-- Three offices keep each other in check (三员分立): the administrator runs the system, the security
-- officer grants rights, the auditor reads the log and clears what is old. An account has one role,
-- so none holds two; who sits in the three offices is settled at the machine, by nobody over the web.

-- Reads as the owner, whose tables it guards; decides by who asks.
CREATE OR REPLACE FUNCTION layers.refuse_own_or_office(subject bigint, subject_role text)
RETURNS void LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF current_user <> 'gridwhistle_security_officer' THEN
        RETURN;  -- the web's own login for the account's owner, and the installation's operator
    END IF;
    IF subject = layers.my_account() THEN
        RAISE insufficient_privilege USING MESSAGE = 'nobody changes the rights of the own account';
    END IF;
    IF subject_role IN ('gridwhistle_administrator', 'gridwhistle_security_officer',
                        'gridwhistle_auditor') THEN
        RAISE insufficient_privilege USING MESSAGE = 'the three offices are settled at the machine';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION layers.guard_account() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM layers.refuse_own_or_office(OLD.id, OLD.role);
    END IF;
    PERFORM layers.refuse_own_or_office(NEW.id, NEW.role);
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER guard_account BEFORE INSERT OR UPDATE ON layers.account
    FOR EACH ROW EXECUTE FUNCTION layers.guard_account();

-- Of the rows that hang on an account: its password and second factor, its keys.
CREATE OR REPLACE FUNCTION layers.guard_credential() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    subject bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END;
BEGIN
    PERFORM layers.refuse_own_or_office(subject, (SELECT role FROM layers.account WHERE id = subject));
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER guard_credential BEFORE INSERT OR UPDATE ON layers.account_secret
    FOR EACH ROW EXECUTE FUNCTION layers.guard_credential();
CREATE OR REPLACE TRIGGER guard_credential BEFORE DELETE ON layers.recovery_code
    FOR EACH ROW EXECUTE FUNCTION layers.guard_credential();

-- An office is entered with a second factor; a key has none.
CREATE OR REPLACE FUNCTION layers.refuse_key_of_office() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM layers.account WHERE id = NEW.account_id AND role IN (
            'gridwhistle_administrator', 'gridwhistle_security_officer', 'gridwhistle_auditor')
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'the three offices have no keys';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER refuse_key_of_office BEFORE INSERT ON layers.api_key
    FOR EACH ROW EXECUTE FUNCTION layers.refuse_key_of_office();

-- Runs as the owner: whoever changes an account may not touch sessions, keys and logins.
CREATE OR REPLACE FUNCTION layers.follow_account() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE layers.account_session SET revoked_at = now()
    WHERE account_id = NEW.id AND revoked_at IS NULL;
    -- A key was given for what the account might do then.
    UPDATE layers.api_key SET revoked_at = now() WHERE account_id = NEW.id AND revoked_at IS NULL;
    IF NEW.database_login IS NULL OR to_regrole(quote_ident(NEW.database_login)) IS NULL THEN
        RETURN NULL;
    END IF;
    IF NEW.role <> OLD.role THEN
        EXECUTE format('REVOKE %I FROM %I', OLD.role, NEW.database_login);
        IF NEW.role NOT IN ('gridwhistle_administrator', 'gridwhistle_security_officer',
                            'gridwhistle_auditor') THEN
            EXECUTE format('GRANT %I TO %I', NEW.role, NEW.database_login);
        END IF;
    END IF;
    EXECUTE format('ALTER ROLE %I %s', NEW.database_login,
                   CASE WHEN NEW.disabled_at IS NULL THEN 'LOGIN' ELSE 'NOLOGIN' END);
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = NEW.database_login;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER follow_account AFTER UPDATE OF role, disabled_at ON layers.account
    FOR EACH ROW WHEN (OLD.role <> NEW.role OR OLD.disabled_at IS DISTINCT FROM NEW.disabled_at)
    EXECUTE FUNCTION layers.follow_account();

-- Runs as the owner, for the same reason: a new password ends every session.
CREATE OR REPLACE FUNCTION layers.follow_password() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE layers.account_session SET revoked_at = now()
    WHERE account_id = NEW.account_id AND revoked_at IS NULL;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER follow_password AFTER UPDATE OF password_changed_at ON layers.account_secret
    FOR EACH ROW EXECUTE FUNCTION layers.follow_password();

-- Runs as the owner: nobody writes this table but by what was done. Secrets stay out of it.
CREATE OR REPLACE FUNCTION layers.note_account_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    hidden text[] := ARRAY['password_hash', 'totp_secret', 'totp_step', 'secret_sha256', 'last_used_at'];
    old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) - hidden END;
    new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) - hidden END;
    subject bigint := CASE TG_TABLE_NAME WHEN 'account' THEN coalesce(new_row, old_row)->>'id'
                      ELSE coalesce(new_row, old_row)->>'account_id' END;
BEGIN
    IF old_row IS DISTINCT FROM new_row THEN
        INSERT INTO layers.account_event (by_account, subject, account_id, before, after)
        VALUES (layers.my_account(), TG_TABLE_NAME, subject, old_row, new_row);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER note_account_event AFTER INSERT OR UPDATE OR DELETE ON layers.account
    FOR EACH ROW EXECUTE FUNCTION layers.note_account_event();
CREATE OR REPLACE TRIGGER note_account_event AFTER INSERT OR UPDATE OR DELETE ON layers.account_secret
    FOR EACH ROW EXECUTE FUNCTION layers.note_account_event();
CREATE OR REPLACE TRIGGER note_account_event AFTER INSERT OR UPDATE OR DELETE ON layers.api_key
    FOR EACH ROW EXECUTE FUNCTION layers.note_account_event();

-- Every process forgets at once what it remembers of credentials.
CREATE OR REPLACE TRIGGER tell_change AFTER UPDATE OR DELETE ON layers.account
    FOR EACH STATEMENT EXECUTE FUNCTION spatial.tell_change();
CREATE OR REPLACE TRIGGER tell_change
    AFTER UPDATE OF password_hash, must_change_password, totp_since OR DELETE ON layers.account_secret
    FOR EACH STATEMENT EXECUTE FUNCTION spatial.tell_change();
CREATE OR REPLACE TRIGGER tell_change
    AFTER UPDATE OF revoked_at, second_factor_at OR DELETE ON layers.account_session
    FOR EACH STATEMENT EXECUTE FUNCTION spatial.tell_change();
CREATE OR REPLACE TRIGGER tell_change AFTER UPDATE OF revoked_at, expires_at OR DELETE ON layers.api_key
    FOR EACH STATEMENT EXECUTE FUNCTION spatial.tell_change();

-- The logs. Nobody changes a line, the owner included; who may clear what is old is stated below.
CREATE OR REPLACE FUNCTION layers.refuse_change_of_log() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE insufficient_privilege USING MESSAGE = format('%s is only ever added to', TG_TABLE_NAME);
END $$;

CREATE OR REPLACE FUNCTION layers.refuse_young_log() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM gone WHERE at > now() - interval '6 months') THEN
        RAISE insufficient_privilege USING MESSAGE = 'the access log is kept for six months at least';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR TRUNCATE ON layers.access_log
    FOR EACH STATEMENT EXECUTE FUNCTION layers.refuse_change_of_log();
CREATE OR REPLACE TRIGGER refuse_young AFTER DELETE ON layers.access_log
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION layers.refuse_young_log();
CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON layers.account_event
    FOR EACH STATEMENT EXECUTE FUNCTION layers.refuse_change_of_log();

-- Runs as the owner, for an auditor only; the clearing is itself noted.
CREATE OR REPLACE FUNCTION layers.clear_access_log(before timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    cleared bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM layers.account WHERE id = layers.my_account()
                   AND role = 'gridwhistle_auditor' AND disabled_at IS NULL) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only an auditor clears the access log';
    END IF;
    IF before > now() - interval '6 months' THEN
        RAISE insufficient_privilege USING MESSAGE = 'the access log is kept for six months at least';
    END IF;
    DELETE FROM layers.access_log WHERE at < before AND town_id = layers.my_town();
    GET DIAGNOSTICS cleared = ROW_COUNT;
    INSERT INTO layers.account_event (by_account, subject, account_id, after)
    VALUES (layers.my_account(), 'access_log', layers.my_account(),
            jsonb_build_object('before', before, 'cleared', cleared));
    RETURN cleared;
END $$;
REVOKE EXECUTE ON FUNCTION layers.clear_access_log FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.clear_access_log TO gridwhistle_auditor;

-- The web's own login checks credentials before it knows whose role to take on.
GRANT SELECT ON layers.account, layers.account_secret, layers.account_session, layers.api_key,
    layers.recovery_code, layers.sign_in_failure TO gridwhistle_web;
GRANT UPDATE ON layers.account_secret, layers.recovery_code TO gridwhistle_web;
GRANT INSERT, DELETE ON layers.recovery_code TO gridwhistle_web;
GRANT INSERT, UPDATE, DELETE ON layers.account_session, layers.sign_in_failure TO gridwhistle_web;
GRANT INSERT, UPDATE (last_used_at, revoked_at, expires_at) ON layers.api_key TO gridwhistle_web;
GRANT INSERT ON layers.access_log TO gridwhistle_web;

-- The security officer gives and takes rights, and never reads a hash.
GRANT SELECT ON layers.account TO gridwhistle_security_officer, gridwhistle_auditor;
GRANT INSERT, UPDATE (display_name, role, department, grid_id, layers, disabled_at)
    ON layers.account TO gridwhistle_security_officer;
GRANT SELECT (account_id), INSERT,
    UPDATE (password_hash, password_changed_at, must_change_password, totp_secret, totp_since, totp_step)
    ON layers.account_secret TO gridwhistle_security_officer;
GRANT SELECT (account_id), DELETE ON layers.recovery_code TO gridwhistle_security_officer;
GRANT SELECT (id, account_id, label, may_write, layers, created_at, expires_at, revoked_at, last_used_at),
    INSERT, UPDATE (revoked_at, expires_at) ON layers.api_key TO gridwhistle_security_officer;
GRANT USAGE ON SCHEMA grids TO gridwhistle_security_officer;
GRANT SELECT (id, town_id, code, level) ON grids.unit TO gridwhistle_security_officer;
GRANT SELECT ON layers.department TO gridwhistle_security_officer;
GRANT SELECT ON layers.account_event TO gridwhistle_security_officer, gridwhistle_auditor;
GRANT SELECT ON layers.access_log TO gridwhistle_auditor;

-- Of their own town only.
ALTER TABLE layers.account ENABLE ROW LEVEL SECURITY;
ALTER TABLE layers.access_log ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS web ON layers.account;
CREATE POLICY web ON layers.account TO gridwhistle_web USING (true);
DROP POLICY IF EXISTS own_town ON layers.account;
CREATE POLICY own_town ON layers.account TO gridwhistle_security_officer, gridwhistle_auditor
    USING (town_id = (SELECT layers.my_town()));
DROP POLICY IF EXISTS web ON layers.access_log;
CREATE POLICY web ON layers.access_log FOR INSERT TO gridwhistle_web WITH CHECK (true);
DROP POLICY IF EXISTS own_town ON layers.access_log;
CREATE POLICY own_town ON layers.access_log FOR SELECT TO gridwhistle_auditor
    USING (town_id = (SELECT layers.my_town()));
