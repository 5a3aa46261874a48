-- What may become of incidents and orders, and the events in which it is noted.
--
-- Functions that stand in the way of a report or an order are written in plpgsql, which keeps their
-- plans: one in SQL that can't be inlined is planned anew whenever it is called.

-- Steps are only ever added here: events refer to those that were taken. 'new' is before the first.
INSERT INTO layers.incident_step (from_state, action, to_state, by_hand, needs) VALUES
    ('new', 'report', 'reported', false, '{}'),
    ('reported', 'classify', 'triage', true, '{category}'),
    ('open', 'classify', 'triage', true, '{category}'),
    ('triage', 'classify', 'triage', true, '{category}'),
    ('dispatched', 'classify', 'dispatched', true, '{category}'),
    ('handling', 'classify', 'handling', true, '{category}'),
    ('reopened', 'classify', 'reopened', true, '{category}'),
    ('reported', 'merge', 'merged', true, '{into}'),
    ('open', 'merge', 'merged', true, '{into}'),
    ('triage', 'merge', 'merged', true, '{into}'),
    ('dispatched', 'merge', 'merged', true, '{into}'),
    ('reported', 'reject', 'rejected', true, '{reason}'),
    ('open', 'reject', 'rejected', true, '{reason}'),
    ('triage', 'reject', 'rejected', true, '{reason}'),
    ('reported', 'cancel', 'cancelled', true, '{reason}'),
    ('open', 'cancel', 'cancelled', true, '{reason}'),
    ('triage', 'cancel', 'cancelled', true, '{reason}'),
    ('dispatched', 'cancel', 'cancelled', true, '{reason}'),
    ('handling', 'cancel', 'cancelled', true, '{reason}'),
    ('suspended', 'cancel', 'cancelled', true, '{reason}'),
    ('reopened', 'cancel', 'cancelled', true, '{reason}'),
    ('open', 'order', 'dispatched', false, '{}'),
    ('reported', 'order', 'dispatched', false, '{}'),
    ('triage', 'order', 'dispatched', false, '{}'),
    ('reopened', 'order', 'dispatched', false, '{}'),
    ('dispatched', 'order', 'dispatched', false, '{}'),
    ('handling', 'order', 'handling', false, '{}'),
    -- Nobody is on the way any more, and nobody has done it.
    ('dispatched', 'return', 'triage', false, '{}'),
    ('handling', 'return', 'triage', false, '{}'),
    ('handling', 'suspend', 'suspended', true, '{reason}'),
    ('suspended', 'resume', 'handling', true, '{}'),
    ('triage', 'finish', 'handled', true, '{reason}'),
    ('dispatched', 'finish', 'handled', true, '{}'),
    ('handling', 'finish', 'handled', true, '{}'),
    ('reopened', 'finish', 'handled', true, '{reason}'),
    ('handled', 'verify', 'verifying', true, '{}'),
    ('handled', 'rework', 'reopened', true, '{reason}'),
    ('verifying', 'confirm', 'closed', true, '{}'),
    ('verifying', 'dispute', 'reopened', true, '{reason}'),
    ('open', 'close', 'closed', true, '{}'),
    ('closed', 'reopen', 'reopened', true, '{reason}')
ON CONFLICT (from_state, action) DO UPDATE SET by_hand = EXCLUDED.by_hand, needs = EXCLUDED.needs;

-- What becomes of an incident's orders is noted with it; the first one there begins to handle it.
INSERT INTO layers.incident_step (from_state, action, to_state, by_hand)
SELECT state, 'order_' || action,
       CASE WHEN state = 'dispatched' AND action IN ('arrive', 'report') THEN 'handling' ELSE state END,
       false
FROM unnest(ARRAY['triage', 'dispatched', 'handling', 'suspended', 'handled', 'verifying',
                  'reopened', 'closed', 'merged', 'rejected', 'cancelled']) AS state,
     unnest(ARRAY['accept', 'decline', 'lapse', 'withdraw', 'arrive', 'report', 'done']) AS action
ON CONFLICT DO NOTHING;

INSERT INTO layers.order_step (from_state, action, to_state, by)
SELECT from_state, action, to_state, by::text[]
FROM (VALUES
    ('{sent}'::text[], 'deliver', 'delivered', '{responder,system}'),
    ('{sent,delivered}', 'seen', 'seen', '{responder}'),
    ('{sent,delivered,seen}', 'accept', 'accepted', '{responder,dispatcher}'),
    ('{sent,delivered,seen,accepted}', 'decline', 'declined', '{responder,dispatcher}'),
    ('{sent,delivered,seen}', 'lapse', 'lapsed', '{system}'),
    ('{sent,delivered,seen,accepted}', 'arrive', 'arrived', '{responder,dispatcher}'),
    ('{arrived,reported}', 'report', 'reported', '{responder,dispatcher}'),
    ('{arrived,reported}', 'done', 'done', '{responder,dispatcher}'),
    ('{sent,delivered,seen,accepted,arrived,reported}', 'withdraw', 'withdrawn',
     '{dispatcher,system}')
) AS step (from_states, action, to_state, by), unnest(from_states) AS from_state
ON CONFLICT (from_state, action) DO UPDATE SET by = EXCLUDED.by;

-- What an event's hash is of: all that it says, after the hash of the one before.
CREATE OR REPLACE FUNCTION layers.hash_of_event(said layers.incident_event) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN sha256(coalesce(said.prev, '') || convert_to(jsonb_build_array(
        said.town_id, said.incident_id, said.seq, extract(epoch FROM said.at), said.actor,
        said.action, said.from_state, said.to_state, said.data
    )::text, 'UTF8'));
END $$;

-- An event stands at the end of its incident's chain, whoever writes it, and is what moves the
-- incident: the state that it leads to is refused by a foreign key, if no step leads there.
CREATE OR REPLACE FUNCTION layers.chain_event() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    last record;
    known record;
BEGIN
    -- Of two at a time one waits.
    SELECT town_id, state INTO known FROM layers.incident WHERE id = NEW.incident_id FOR UPDATE;
    SELECT seq, hash, at, to_state INTO last FROM layers.incident_event
    WHERE incident_id = NEW.incident_id ORDER BY seq DESC LIMIT 1;
    NEW.town_id := known.town_id;
    NEW.from_state := coalesce(
        last.to_state, CASE known.state WHEN 'reported' THEN 'new' ELSE known.state END
    );
    NEW.seq := coalesce(last.seq, 0) + 1;
    NEW.prev := last.hash;
    -- A clock that is put back doesn't turn the order of things round.
    NEW.at := greatest(clock_timestamp(), last.at);
    NEW.hash := layers.hash_of_event(NEW);
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER chain_event BEFORE INSERT ON layers.incident_event
    FOR EACH ROW EXECUTE FUNCTION layers.chain_event();

-- Once for all events of a statement: each change of an incident is noted in the feed, which costs
-- more than the change.
CREATE OR REPLACE FUNCTION layers.follow_event() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE layers.incident
    SET state = last.to_state, revision = last.seq,
        merged_into = CASE WHEN last.to_state = 'merged' THEN coalesce(
            (last.data ->> 'into')::bigint, merged_into
        ) END,
        closed_at = CASE
            WHEN layers.is_final(last.to_state)
            THEN coalesce(closed_at, greatest(last.at, occurred_at))
        END
    FROM (
        SELECT DISTINCT ON (incident_id) * FROM added ORDER BY incident_id, seq DESC
    ) AS last
    WHERE incident.id = last.incident_id;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS follow_event ON layers.incident_event;
CREATE TRIGGER follow_event AFTER INSERT ON layers.incident_event
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION layers.follow_event();

-- What happened, happened: nobody changes a line, the owner included.
CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON layers.incident_event
    FOR EACH STATEMENT EXECUTE FUNCTION layers.refuse_change_of_log();
-- How a decision forgets where responders were: 89_forgetting.sql.
CREATE OR REPLACE TRIGGER refuse_change BEFORE DELETE OR TRUNCATE ON layers.decision
    FOR EACH STATEMENT EXECUTE FUNCTION layers.refuse_change_of_log();

-- Once it has events, only these move an incident. A file that is imported again knows nothing of
-- what was done here since: it changes the rest.
CREATE OR REPLACE FUNCTION layers.guard_incident_state() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.revision = OLD.revision THEN
        NEW.state := OLD.state;
        NEW.closed_at := OLD.closed_at;
    ELSIF NOT EXISTS (
        SELECT FROM layers.incident_event
        WHERE incident_id = NEW.id AND seq = NEW.revision AND to_state = NEW.state
    ) THEN
        RAISE insufficient_privilege
            USING MESSAGE = format('no event says that incident %s is %s', NEW.id, NEW.state);
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER guard_state BEFORE UPDATE OF state, revision, closed_at ON layers.incident
    FOR EACH ROW WHEN (OLD.revision > 0 OR NEW.revision <> OLD.revision)
    EXECUTE FUNCTION layers.guard_incident_state();

-- Incidents whose chain was tampered with: a hash that isn't that of what its event says, a link that
-- isn't the hash before, an event too few, or a state that the last event doesn't lead to.
CREATE OR REPLACE FUNCTION layers.broken_chains(the_town smallint, OUT incident_id bigint, OUT seq integer)
RETURNS SETOF record
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    WITH linked AS (
        SELECT event AS said, event.incident_id, event.seq, event.hash, event.prev,
               lag(event.hash) OVER chain AS before, row_number() OVER chain AS place
        FROM layers.incident_event AS event WHERE event.town_id = the_town
        WINDOW chain AS (PARTITION BY event.incident_id ORDER BY event.seq)
    ), broken AS (
        SELECT linked.incident_id, linked.seq FROM linked
        WHERE linked.seq <> linked.place OR linked.prev IS DISTINCT FROM linked.before
           OR linked.hash <> layers.hash_of_event(linked.said)
        UNION ALL
        SELECT incident.id, incident.revision FROM layers.incident
        LEFT JOIN LATERAL (
            SELECT event.seq, event.to_state FROM layers.incident_event AS event
            WHERE event.incident_id = incident.id ORDER BY event.seq DESC LIMIT 1
        ) AS last ON true
        WHERE incident.town_id = the_town
          AND (incident.revision <> coalesce(last.seq, 0) OR incident.state <> last.to_state)
    )
    SELECT broken.incident_id, min(broken.seq) FROM broken GROUP BY 1 ORDER BY 1
$$;
REVOKE EXECUTE ON FUNCTION layers.broken_chains FROM PUBLIC;

-- Notes what was done to an incident, which moves it. For the functions of the owner.
CREATE OR REPLACE FUNCTION layers.add_event(the_incident bigint, the_action text, details jsonb)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    found record;
BEGIN
    SELECT incident.state, incident.number, incident.revision, step.to_state INTO found
    FROM layers.incident LEFT JOIN layers.incident_step AS step
        ON step.action = the_action AND step.from_state = CASE
            WHEN incident.revision = 0 AND incident.state = 'reported' THEN 'new' ELSE incident.state
        END
    WHERE incident.id = the_incident;
    IF found.to_state IS NULL THEN
        RAISE object_not_in_prerequisite_state USING MESSAGE = format(
            'an incident that is %s can''t be followed by %s / 事件当前状态不允许此操作',
            found.state, the_action
        );
    END IF;
    INSERT INTO layers.incident_event (town_id, incident_id, seq, at, actor, action, from_state,
                                       to_state, data, hash)
    VALUES (0, the_incident, 0, now(), layers.my_account(), the_action, '', found.to_state,
            details, '');
END $$;
REVOKE EXECUTE ON FUNCTION layers.add_event FROM PUBLIC;
