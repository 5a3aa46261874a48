-- Usage: the closures of a map's or a client's box.
CREATE INDEX closure_geom_idx ON routing.closure USING gist (geom);

-- Usage: a responder's own orders, the last ones.
CREATE INDEX response_order_responder_id_idx ON layers.response_order (responder_id, ended_at);

-- Usage: whose a code was at any time.
CREATE INDEX version_code_idx ON grids.version (town_id, code);

COMMENT ON COLUMN routing.graph_array.name IS 'of the array';
