-- How an order reaches its responder, and what is told of it; orders themselves: 80_dispatch_orders.

-- The responder's own page answered, so that it has the order. And who was told to go is told to
-- stay, by the same ways; a message that is on its way just now is followed by whoever sends it.
CREATE OR REPLACE FUNCTION layers.follow_order() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM layers.account
               WHERE id = layers.my_account() AND responder_id = NEW.responder_id) THEN
        UPDATE layers.order_message SET delivered_at = clock_timestamp()
        WHERE order_id = NEW.id AND channel = 'page' AND delivered_at IS NULL;
    END IF;
    IF NEW.state IN ('lapsed', 'withdrawn') THEN
        INSERT INTO layers.order_message (town_id, order_id, channel, kind, next_at)
        SELECT town_id, order_id, channel, 'stand_down', clock_timestamp()
        FROM layers.order_message
        WHERE order_id = NEW.id AND kind = 'order' AND sent_at IS NOT NULL
          AND channel NOT IN ('page', 'desk')
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER follow_order AFTER UPDATE OF state ON layers.response_order
    FOR EACH ROW EXECUTE FUNCTION layers.follow_order();

-- The dispatchers' pages hear of what the platform can't settle by itself.
CREATE OR REPLACE FUNCTION layers.tell_desk() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_notify('gridwhistle_orders', format('0 %s', NEW.order_id));
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER tell_desk AFTER INSERT ON layers.order_message
    FOR EACH ROW WHEN (NEW.channel = 'desk') EXECUTE FUNCTION layers.tell_desk();

-- The responder that the account is bound to.
CREATE OR REPLACE FUNCTION layers.my_bound_responder() RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (
        SELECT responder_id FROM layers.account
        WHERE id = layers.my_account() AND town_id = layers.dispatch_town() AND disabled_at IS NULL
    );
END $$;
REVOKE EXECUTE ON FUNCTION layers.my_bound_responder FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.my_bound_responder TO gridwhistle_officer, gridwhistle_grid_member;

-- What the responder of an order knows of it: the incident, the place, the way, who else goes. Of
-- whoever reported it, nothing but the words.
CREATE OR REPLACE FUNCTION layers.order_as_its_responder_knows_it(the_order layers.response_order)
RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'id', the_order.id, 'state', the_order.state, 'revision', the_order.revision,
            'is_lead', the_order.is_lead, 'reason', the_order.reason,
            'ordered_at', the_order.ordered_at, 'accepted_at', the_order.accepted_at,
            'arrived_at', the_order.arrived_at, 'reported_at', the_order.reported_at,
            'ended_at', the_order.ended_at, 'eta_s', the_order.eta_s,
            'distance_m', the_order.distance_m,
            'incident', jsonb_build_object(
                'id', incident.id, 'number', incident.number, 'title', incident.title,
                'severity', incident.severity, 'state', incident.state,
                'category', category.name, 'category_en', category.name_en,
                'lon', ST_X(incident.geom), 'lat', ST_Y(incident.geom),
                'accuracy_m', incident.place_accuracy_m,
                'occurred_at', incident.occurred_at, 'reported_at', incident.reported_at
            ),
            'place', CASE WHEN premises.id IS NOT NULL THEN jsonb_build_object(
                'name', premises.name, 'address', premises.address, 'entrance', premises.entrance,
                'floor', premises.floor
            ) END,
            'texts', (
                SELECT coalesce(jsonb_agg(report.text ORDER BY report.received_at), '[]')
                FROM layers.report WHERE report.incident_id = incident.id AND report.text <> ''
            ),
            'others', (
                SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'label', responder.label, 'state', other.state, 'eta_s', other.eta_s
                ) ORDER BY other.ordered_at), '[]')
                FROM layers.response_order AS other
                JOIN layers.responder ON responder.id = other.responder_id
                WHERE other.incident_id = incident.id AND other.id <> the_order.id
                  AND other.ended_at IS NULL
            ),
            'route', (
                SELECT candidate -> 'route'
                FROM layers.decision
                CROSS JOIN LATERAL jsonb_path_query(decision.answer, '$.responders[*]') AS candidate
                JOIN layers.responder ON responder.key = candidate ->> 'key'
                WHERE decision.id = the_order.decision_id AND responder.id = the_order.responder_id
                  AND the_order.ended_at IS NULL
                LIMIT 1
            )
        )
        FROM layers.incident
        JOIN layers.category ON category.code = incident.category
        LEFT JOIN layers.premises ON premises.id = incident.premises_id
        WHERE incident.id = the_order.incident_id
    );
END $$;
REVOKE EXECUTE ON FUNCTION layers.order_as_its_responder_knows_it FROM PUBLIC;

-- The caller's own orders: the one that is active, and the last three that ended a moment ago, so that
-- who was on the way reads why there is nothing to go to.
CREATE OR REPLACE FUNCTION layers.my_orders() RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    me CONSTANT bigint := layers.my_bound_responder();
    town CONSTANT smallint := layers.dispatch_town();
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'now', clock_timestamp(),
            'responder', (
                SELECT jsonb_build_object('id', id, 'key', key, 'label', label, 'mode', mode,
                                          'on_duty', on_duty)
                FROM layers.responder WHERE id = me
            ),
            'accept_within_s', coalesce((
                SELECT accept_within_s FROM layers.dispatch_setting WHERE town_id = layers.my_town()
            ), 20),
            'orders', (
                SELECT coalesce(jsonb_agg(
                    layers.order_as_its_responder_knows_it(own)
                    ORDER BY own.ended_at IS NOT NULL, own.ordered_at DESC
                ), '[]')
                FROM (
                    SELECT * FROM layers.response_order
                    WHERE responder_id = me AND town_id = town
                      AND (ended_at IS NULL OR ended_at > clock_timestamp() - interval '10 min')
                    ORDER BY ended_at IS NOT NULL, ordered_at DESC LIMIT 4
                ) AS own
            )
        )
    );
END $$;
REVOKE EXECUTE ON FUNCTION layers.my_orders FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.my_orders TO gridwhistle_officer, gridwhistle_grid_member;

-- The town of whose messages a gateway may speak: another system that is granted the orders.
CREATE OR REPLACE FUNCTION layers.delivery_town() RETURNS smallint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF layers.is_trusted_session() AND 'orders' = ANY (layers.my_layers()) THEN
        RETURN layers.my_town_of('orders');
    END IF;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION layers.delivery_town FROM PUBLIC;

-- A gateway says what became of a message. Twice, late, or of a message that isn't known: no matter.
CREATE OR REPLACE FUNCTION layers.note_receipt(the_message uuid, delivered boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    told record;
BEGIN
    SELECT message.id, message.order_id, message.kind INTO told
    FROM layers.order_message AS message
    WHERE message.message_id = the_message AND message.town_id = layers.delivery_town();
    IF told.id IS NULL THEN
        RETURN;
    END IF;
    -- The message before its order, as the sender does that may still hold it.
    UPDATE layers.order_message
    SET delivered_at = CASE WHEN delivered THEN coalesce(delivered_at, clock_timestamp())
                            ELSE delivered_at END,
        failed_at = CASE WHEN NOT delivered AND delivered_at IS NULL
                         THEN coalesce(failed_at, clock_timestamp()) ELSE failed_at END,
        error = CASE WHEN NOT delivered AND delivered_at IS NULL
                     THEN 'not delivered' ELSE error END
    WHERE id = told.id;
    IF delivered AND told.kind = 'order' THEN
        PERFORM layers.move_order_if_it_may(told.order_id, 'deliver', 'system');
    END IF;
END $$;
REVOKE EXECUTE ON FUNCTION layers.note_receipt FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.note_receipt TO gridwhistle_system;

-- What comes too late changes nothing; NULL: it came too late. For the owner's functions.
CREATE OR REPLACE FUNCTION layers.move_order_if_it_may(the_order bigint, the_action text, who text)
RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (layers.move_order(the_order, the_action, who)).state;
EXCEPTION WHEN object_not_in_prerequisite_state THEN
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION layers.move_order_if_it_may FROM PUBLIC;

-- A gateway says what the owner of an address answers to the newest order that went there; the state
-- of that order then. An action of NULL only asks. No order: NULL. One that had ended before: ended.
CREATE OR REPLACE FUNCTION layers.answer_by_message(
    the_channel text, the_address text, the_action text, OUT state text, OUT done boolean
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    told record;
BEGIN
    SELECT sent.id, sent.state INTO told
    FROM layers.responder_contact AS contact
    JOIN layers.response_order AS sent USING (responder_id)
    JOIN layers.order_message AS message
        ON message.order_id = sent.id AND message.channel = the_channel AND message.kind = 'order'
    WHERE contact.channel = the_channel AND contact.address = the_address
      AND contact.town_id = layers.delivery_town()
      AND (sent.ended_at IS NULL OR sent.ended_at > clock_timestamp() - interval '1 h')
    ORDER BY sent.ended_at IS NOT NULL, sent.ordered_at DESC LIMIT 1;
    done := false;
    IF told.id IS NOT NULL AND the_action IS NOT NULL THEN
        state := layers.move_order_if_it_may(told.id, the_action, 'responder');
        done := state IS NOT NULL;
    END IF;
    IF NOT done THEN
        SELECT sent.state INTO state FROM layers.response_order AS sent WHERE sent.id = told.id;
    END IF;
END $$;
REVOKE EXECUTE ON FUNCTION layers.answer_by_message FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.answer_by_message TO gridwhistle_system;
