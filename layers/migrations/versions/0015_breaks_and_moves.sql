ALTER TABLE layers.dispatch_setting
    ADD COLUMN break_rule TEXT DEFAULT 'last' NOT NULL,
    ADD CONSTRAINT dispatch_setting_break_rule_check
        CHECK (break_rule IN ('never', 'last', 'as_others'));
COMMENT ON COLUMN layers.dispatch_setting.break_rule
    IS 'who is on a break is suggested never, last where nobody else is in time, or as others are';

-- Responders move every second: without an index on their place, and with room beside each row, a
-- move rewrites its page and nothing else. A town has some hundreds; a box is read through them all.
DROP INDEX layers.responder_geom_idx;
ALTER TABLE layers.responder SET (fillfactor = 50);
ALTER TABLE layers.responder ADD COLUMN received_at TIMESTAMP WITH TIME ZONE;
COMMENT ON COLUMN layers.responder.received_at
    IS 'by the database''s clock, when a device last told where; NULL: none has';
