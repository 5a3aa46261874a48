-- The coverage as everybody may read it: what the layers villages, grids and micro-grids publish, as
-- arcs. The functions run as the owner, whose tables these are.

-- The arcs of a moment, of the asker's own town: the edges of polygons that are published anyway.
CREATE OR REPLACE FUNCTION grids.arcs_at(
    town smallint, moment timestamptz, OUT arc_id bigint, OUT wkb bytea, OUT left_unit_id bigint,
    OUT right_unit_id bigint, OUT start_cut double precision[], OUT end_cut double precision[]
)
RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT arc_id, ST_AsBinary(geom), left_unit_id, right_unit_id, start_cut, end_cut
    FROM grids.arc_version
    WHERE town_id = (SELECT layers.my_town_of('micro-grids')) AND town_id = town
      AND valid @> moment
    ORDER BY arc_id
$$;

-- Which arc of that moment was written last: it tells two imports for the same moment apart.
CREATE OR REPLACE FUNCTION grids.newest_arc(town smallint, moment timestamptz) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT max(id) FROM grids.arc_version
    WHERE town_id = (SELECT layers.my_town_of('micro-grids')) AND town_id = town
      AND valid @> moment
$$;

DO $$
DECLARE
    role_name text;
    reading text;
BEGIN
    FOREACH reading IN ARRAY ARRAY[
        'grids.arcs_at(smallint, timestamptz)', 'grids.newest_arc(smallint, timestamptz)',
        'grids.units_at(timestamptz)', 'grids.shares_at(timestamptz)',
        'grids.coverage_began(timestamptz)'
    ] LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', reading);
        FOREACH role_name IN ARRAY ARRAY[
            'anonymous', 'grid_member', 'officer', 'dispatcher', 'gis_editor', 'planner',
            'administrator', 'security_officer', 'auditor', 'system'
        ] LOOP
            EXECUTE format(
                'GRANT EXECUTE ON FUNCTION %s TO %I', reading, 'gridwhistle_' || role_name
            );
        END LOOP;
    END LOOP;
END $$;
GRANT USAGE ON SCHEMA grids TO
    gridwhistle_grid_member, gridwhistle_officer, gridwhistle_dispatcher, gridwhistle_planner,
    gridwhistle_security_officer, gridwhistle_auditor, gridwhistle_system;

-- How many households a unit should have is for everybody who has an account; the other rules are
-- for those who draft, and their log for the auditor too.
DROP POLICY IF EXISTS shown ON grids.band;
CREATE POLICY shown ON grids.band FOR SELECT TO
    gridwhistle_grid_member, gridwhistle_officer, gridwhistle_dispatcher, gridwhistle_planner,
    gridwhistle_security_officer, gridwhistle_auditor, gridwhistle_system
    USING (town_id = (SELECT layers.my_town_of('micro-grids')));
GRANT SELECT ON grids.band TO
    gridwhistle_grid_member, gridwhistle_officer, gridwhistle_dispatcher, gridwhistle_planner,
    gridwhistle_security_officer, gridwhistle_auditor, gridwhistle_system;
DROP POLICY IF EXISTS audited ON grids.rule_event;
CREATE POLICY audited ON grids.rule_event FOR SELECT TO gridwhistle_auditor
    USING (town_id = (SELECT layers.my_town_of('micro-grids')));
GRANT SELECT ON grids.rule_event TO gridwhistle_auditor;
GRANT EXECUTE ON FUNCTION grids.names_of_accounts TO gridwhistle_auditor;
