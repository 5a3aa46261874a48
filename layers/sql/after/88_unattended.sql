-- The incidents on which nobody is, as far as they are the asker's: what no desk may overlook.

-- Those reported here come first, the most urgent, then the oldest; then what a file said to be open,
-- the newest first. How many there are of both stands in every row.
DROP FUNCTION IF EXISTS layers.unattended_incidents;
CREATE OR REPLACE FUNCTION layers.unattended_incidents(most integer)
RETURNS TABLE (
    id bigint, number text, title text, category text, category_en text, severity smallint,
    place text, place_en text, lon float8, lat float8, waited_s float8, reported bigint, imported bigint
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT incident.id, incident.number, incident.title, category.name, category.name_en,
           incident.severity,
           coalesce(premises.name, version.name),
           CASE WHEN premises.id IS NULL THEN version.name_en END,
           ST_X(incident.geom), ST_Y(incident.geom),
           -- A file's times are those of the town, whose clock stands still in a demo.
           greatest(extract(epoch FROM CASE
               WHEN incident.reported_at IS NULL
               THEN coalesce(town.as_of, clock_timestamp()) - incident.occurred_at
               ELSE clock_timestamp() - incident.reported_at
           END), 0)::float8,
           count(*) FILTER (WHERE incident.number IS NOT NULL) OVER (),
           count(*) FILTER (WHERE incident.number IS NULL) OVER ()
    FROM layers.incident
    JOIN spatial.town ON town.id = incident.town_id
    JOIN layers.category ON category.code = incident.category
    LEFT JOIN layers.premises ON premises.id = incident.premises_id
    LEFT JOIN grids.version ON version.id = incident.grid_version_id
    WHERE incident.town_id = (SELECT layers.dispatch_town())
      AND (SELECT layers.dispatch_department())
          IN ('*', coalesce(incident.department, category.department))
      AND incident.state IN ('open', 'reported', 'triage', 'dispatched', 'reopened')
      AND NOT EXISTS (
          SELECT FROM layers.response_order AS sent
          WHERE sent.incident_id = incident.id AND sent.ended_at IS NULL
      )
    ORDER BY incident.number IS NULL,
             CASE WHEN incident.number IS NOT NULL THEN incident.severity END,
             CASE WHEN incident.number IS NOT NULL THEN incident.reported_at END,
             incident.occurred_at DESC, incident.id
    LIMIT most
$$;
REVOKE EXECUTE ON FUNCTION layers.unattended_incidents FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layers.unattended_incidents
    TO gridwhistle_dispatcher, gridwhistle_administrator, gridwhistle_officer;
