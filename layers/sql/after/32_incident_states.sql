-- States of incidents, as many ask about them.

-- Whether a state is one that an incident ends in.
CREATE OR REPLACE FUNCTION layers.is_final(state text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT state IN ('closed', 'merged', 'rejected', 'cancelled')
$$;

-- Whether something happened: what was merged into another happened once, what was rejected never.
CREATE OR REPLACE FUNCTION layers.has_happened(state text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT state NOT IN ('merged', 'rejected', 'cancelled')
$$;
