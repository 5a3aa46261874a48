-- Jobs keep the limits of the key with which they were submitted.
ALTER TABLE layers.job
    ADD COLUMN only_layers TEXT[],
    ADD COLUMN may_write BOOLEAN DEFAULT 'false' NOT NULL;
COMMENT ON COLUMN layers.job.only_layers IS 'of the key it was submitted with; NULL: no limit';
