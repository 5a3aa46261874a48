-- What the web's own login reads without taking on a role: what describes a town and belongs to
-- nobody in it. Rows of layers it reads only through a role's views.
GRANT USAGE ON SCHEMA spatial, grids, routing, layers TO gridwhistle_web;
GRANT SELECT ON spatial.town, spatial.batch, layers.category, layers.department, layers.skill,
    layers.alembic_version, routing.graph, routing.graph_array,
    routing.measure, layers.gazetteer, layers.gazetteer_array TO gridwhistle_web;
-- Counts per H3 cell are for everybody: the web makes them of points that no role is shown by this.
GRANT SELECT (town_id, cell, category, occurred_at, inside, geom, state) ON layers.incident
    TO gridwhistle_web;
-- Which import brought a layer's data, for its attribution.
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT format('%I.%I', table_schema, table_name) FROM information_schema.columns
        WHERE column_name = 'batch_id' AND table_schema IN ('layers', 'grids', 'routing')
    LOOP
        EXECUTE format('GRANT SELECT (batch_id) ON %s TO gridwhistle_web', name);
    END LOOP;
END $$;

-- The identity is asked for inside the views of every role.
GRANT USAGE ON SCHEMA layers TO
    gridwhistle_anonymous, gridwhistle_grid_member, gridwhistle_officer, gridwhistle_dispatcher,
    gridwhistle_gis_editor, gridwhistle_planner, gridwhistle_administrator,
    gridwhistle_security_officer, gridwhistle_auditor, gridwhistle_system;
