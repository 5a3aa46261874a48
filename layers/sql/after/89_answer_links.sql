-- Answering an order by the link in its message, where nobody is signed in: robots of groups take no
-- answers. A message's number is random, 122 bits of it, and known to whoever got the message.

-- What the link is of, and what an answer did: {number, category, category_en, label, state, open,
-- done}; NULL: of nothing, or of what is over for an hour. An action of NULL only asks. It answers
-- once: as long as nobody has said yes or no.
CREATE OR REPLACE FUNCTION layers.answer_by_link(the_message uuid, the_action text)
RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    told record;
    moved text;
    now_is text;
BEGIN
    SELECT sent.id, sent.state, incident.number, category.name, category.name_en, responder.label
    INTO told
    FROM layers.order_message AS message
    JOIN layers.response_order AS sent ON sent.id = message.order_id
    JOIN layers.incident ON incident.id = sent.incident_id
    JOIN layers.category ON category.code = incident.category
    JOIN layers.responder ON responder.id = sent.responder_id
    WHERE message.message_id = the_message AND message.kind = 'order'
      AND message.town_id = layers.my_town() AND layers.is_trusted_session()
      AND message.queued_at > clock_timestamp() - interval '1 day'
      AND (sent.ended_at IS NULL OR sent.ended_at > clock_timestamp() - interval '1 h');
    IF told.id IS NULL THEN
        RETURN NULL;
    END IF;
    IF the_action IN ('accept', 'decline') THEN
        -- As all who touch an order: its incident first. Of two answers at once one waits here.
        PERFORM FROM layers.incident WHERE id = (
            SELECT incident_id FROM layers.response_order WHERE id = told.id
        ) FOR UPDATE;
        IF EXISTS (SELECT FROM layers.response_order
                   WHERE id = told.id AND state IN ('sent', 'delivered', 'seen')) THEN
            moved := layers.move_order_if_it_may(told.id, the_action, 'responder');
        END IF;
    END IF;
    SELECT state INTO now_is FROM layers.response_order WHERE id = told.id;
    RETURN jsonb_build_object(
        'number', told.number, 'category', told.name, 'category_en', told.name_en,
        'label', told.label, 'state', now_is, 'open', now_is IN ('sent', 'delivered', 'seen'),
        'done', moved IS NOT NULL
    );
END $$;
REVOKE EXECUTE ON FUNCTION layers.answer_by_link FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.answer_by_link TO gridwhistle_anonymous;
