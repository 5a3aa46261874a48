-- Speeds that tracks have taught: shown with their evidence to the staff, switched by the
-- administrator. Both run as the owner; a login of one's own learns nothing here.

-- Streets that differ most from what is stated come first; none with fewer samples than count.
CREATE OR REPLACE FUNCTION routing.learned_speeds(most integer) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    the_town CONSTANT smallint := layers.my_town_of('streets');
    the_version CONSTANT integer := (SELECT max(version) FROM routing.graph WHERE town_id = the_town);
    fewest CONSTANT integer := coalesce(
        (SELECT least_samples FROM routing.speed_setting WHERE town_id = the_town), 5);
BEGIN
    IF NOT layers.is_trusted_session() THEN
        RAISE insufficient_privilege USING MESSAGE = 'learned speeds are read over HTTP or at the machine';
    END IF;
    RETURN jsonb_build_object(
        'uses_learned', coalesce(
            (SELECT uses_learned FROM routing.speed_setting WHERE town_id = the_town), true),
        'learned_to', (SELECT learned_to FROM routing.speed_setting WHERE town_id = the_town),
        'samples', (SELECT count(*) FROM routing.speed_sample WHERE town_id = the_town),
        'hours', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'mode', mode, 'class', class, 'weekend', weekend, 'hour', hour, 'samples', samples,
                'measured_share', round(measured_share::numeric, 3),
                'spread', round(spread::numeric, 3), 'share', round(share::numeric, 3)
            ) ORDER BY mode, class, weekend, hour)
            FROM routing.learned_hour WHERE town_id = the_town AND samples >= fewest), '[]'),
        'streets', coalesce((
            SELECT jsonb_agg(found.told ORDER BY found.differs DESC)
            FROM (
                SELECT abs(ln(learned.share)) AS differs, jsonb_build_object(
                    'street', learned.street_id, 'name', street.name, 'class', street.class,
                    'forward', learned.forward, 'mode', learned.mode, 'samples', learned.samples,
                    'before_kph', round(learned.stated_kph::numeric, 1),
                    'measured_kph', round(learned.measured_kph::numeric, 1),
                    'spread', round(learned.spread::numeric, 3),
                    'share', round(learned.share::numeric, 3),
                    'after_kph', round((learned.stated_kph * least(learned.share, 1))::numeric, 1)
                ) AS told
                FROM routing.learned_speed AS learned
                JOIN routing.street
                    ON street.town_id = learned.town_id AND street.id = learned.street_id
                WHERE learned.town_id = the_town AND learned.version = the_version
                  AND learned.samples >= fewest
                ORDER BY abs(ln(learned.share)) DESC LIMIT most
            ) AS found), '[]')
    );
END $$;
REVOKE EXECUTE ON FUNCTION routing.learned_speeds FROM PUBLIC;

CREATE OR REPLACE FUNCTION routing.switch_learned_speeds(use boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT layers.is_trusted_session() THEN
        RAISE insufficient_privilege USING MESSAGE = 'learned speeds are switched over HTTP or at the machine';
    END IF;
    INSERT INTO routing.speed_setting (town_id, uses_learned)
    VALUES (layers.my_town_of('streets'), use)
    ON CONFLICT (town_id) DO UPDATE
    SET uses_learned = excluded.uses_learned, revision = nextval('routing.measure_revision');
    RETURN use;
END $$;
REVOKE EXECUTE ON FUNCTION routing.switch_learned_speeds FROM PUBLIC;

GRANT USAGE ON SCHEMA routing TO gridwhistle_planner, gridwhistle_gis_editor;
GRANT EXECUTE ON FUNCTION routing.learned_speeds TO gridwhistle_dispatcher, gridwhistle_officer,
    gridwhistle_planner, gridwhistle_gis_editor, gridwhistle_administrator;
GRANT EXECUTE ON FUNCTION routing.switch_learned_speeds TO gridwhistle_administrator;

-- What counts from now on, kept under its revision: engines read it, and decisions that were made by
-- it are made again from it. For the owner's functions.
CREATE OR REPLACE FUNCTION routing.keep_speeds(the_town smallint) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO routing.speed_edition (town_id, revision, version, least_share, most_share, hours)
    SELECT setting.town_id, setting.revision,
           (SELECT max(version) FROM routing.graph WHERE graph.town_id = setting.town_id),
           setting.least_share, setting.most_share,
           (SELECT coalesce(jsonb_agg(jsonb_build_array(mode, class, weekend, hour, share)
                                      ORDER BY turn, mode, class, weekend, hour), '[]')
            FROM (
                SELECT 1 AS turn, mode, class, weekend, hour, share FROM routing.hour_share
                WHERE hour_share.town_id = setting.town_id
                UNION ALL
                SELECT 2, mode, class, weekend, hour, share FROM routing.learned_hour
                WHERE learned_hour.town_id = setting.town_id AND setting.uses_learned
            ) AS known)
    FROM routing.speed_setting AS setting WHERE setting.town_id = the_town
    ON CONFLICT (town_id, revision) DO NOTHING;
    INSERT INTO routing.speed_edition_street (town_id, revision, mode, street_ids, forward, share)
    SELECT edition.town_id, edition.revision, learned.mode, array_agg(learned.street_id),
           array_agg(learned.forward), array_agg(learned.share)
    FROM routing.speed_setting AS setting
    JOIN routing.speed_edition AS edition USING (town_id, revision)
    JOIN routing.learned_speed AS learned USING (town_id, version)
    WHERE setting.town_id = the_town AND setting.uses_learned
    GROUP BY edition.town_id, edition.revision, learned.mode
    ON CONFLICT (town_id, revision, mode) DO NOTHING
$$;
REVOKE EXECUTE ON FUNCTION routing.keep_speeds FROM PUBLIC;

CREATE OR REPLACE FUNCTION routing.keep_speeds_of_town() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM routing.keep_speeds(NEW.town_id);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER keep_speeds AFTER INSERT OR UPDATE OF revision ON routing.speed_setting
    FOR EACH ROW EXECUTE FUNCTION routing.keep_speeds_of_town();
-- Of towns that learned before anything was kept.
SELECT count(routing.keep_speeds(town_id)) FROM routing.speed_setting;

-- The web's engine counts with them, in no role.
REVOKE SELECT ON routing.hour_share, routing.learned_speed, routing.learned_hour FROM gridwhistle_web;
GRANT SELECT ON routing.speed_setting, routing.speed_edition, routing.speed_edition_street
    TO gridwhistle_web;
