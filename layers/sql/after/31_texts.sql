-- Texts as they are compared: by CQL2's CASEI and ACCENTI, and by the search in `q`.

-- Without difference of case, in every script (OGC 21-065r2, 7.3).
CREATE OR REPLACE FUNCTION layers.case_folded(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT lower(value COLLATE "und-x-icu") COLLATE "default"
$$;

-- Without accents: what Unicode writes as a letter and a combining mark loses the mark.
CREATE OR REPLACE FUNCTION layers.accent_folded(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(normalize(value, NFD), '[\u0300-\u036f]', '', 'g')
$$;

-- For search: without difference of case, accent and width (Ａ is A, ｶ is カ). Not STRICT, so that
-- PostgreSQL writes it into the query: five times faster than calling it.
CREATE OR REPLACE FUNCTION layers.search_folded(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        -- Latin letters and digits, or Chinese characters: nothing to take apart.
        WHEN value ~ '[^\x20-\x7e\u3400-\u9fff]' THEN regexp_replace(
            lower(normalize(value, NFKD) COLLATE "und-x-icu") COLLATE "default",
            '[\u0300-\u036f]', '', 'g'
        )
        ELSE lower(value)
        END
$$;
