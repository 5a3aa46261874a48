-- Who answers for the micro-grids of high-rises: each may have one of its grid's members.

-- Those who answer today, as far as they still may. Runs as the owner, for those who draft in the web;
-- a login of one's own learns nothing.
CREATE OR REPLACE FUNCTION grids.members_of_shares(
    codes text[], OUT code text, OUT account_id bigint, OUT display_name text
)
RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT share.code, account.id, account.display_name
    FROM layers.share_member
    JOIN grids.share ON share.id = share_member.share_id
    JOIN layers.account ON account.id = share_member.account_id
    WHERE share.town_id = (SELECT layers.my_town_of('micro-grids')) AND share.code = ANY (codes)
      AND account.grid_id IS NOT NULL AND account.disabled_at IS NULL
      AND layers.is_trusted_session()
$$;
REVOKE EXECUTE ON FUNCTION grids.members_of_shares FROM PUBLIC;
GRANT EXECUTE ON FUNCTION grids.members_of_shares
    TO gridwhistle_gis_editor, gridwhistle_administrator;

-- Says who answers for a micro-grid of a high-rise: a member of the grid in which it lies; NULL:
-- nobody but those of the grid. Runs as the owner, for those who draft, in sessions that may write.
CREATE OR REPLACE FUNCTION grids.set_share_member(the_code text, the_account bigint, moment timestamptz)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    the_town CONSTANT smallint := layers.my_town_of('micro-grids');
    the_share bigint;
    the_grid bigint;
BEGIN
    IF NOT layers.is_trusted_session() THEN
        RAISE insufficient_privilege USING MESSAGE = 'members are named over HTTP or at the machine';
    END IF;
    SELECT share.id, version.parent_id INTO the_share, the_grid
    FROM grids.share
    JOIN grids.share_version ON share_version.share_id = share.id AND share_version.valid @> moment
    JOIN grids.version ON version.id = share_version.version_id
    WHERE share.town_id = the_town AND share.code = the_code;
    IF the_share IS NULL THEN
        RAISE no_data_found
            USING MESSAGE = format('there is no micro-grid %s in a high-rise / 没有这个高层微网格', the_code);
    END IF;
    IF the_account IS NULL THEN
        DELETE FROM layers.share_member WHERE share_id = the_share;
        RETURN;
    END IF;
    IF NOT EXISTS (
        SELECT FROM layers.account
        WHERE id = the_account AND town_id = the_town AND grid_id = the_grid AND disabled_at IS NULL
    ) THEN
        RAISE check_violation
            USING MESSAGE = format('who answers for %s has to be a member of its grid / 须为所属网格的网格员', the_code);
    END IF;
    INSERT INTO layers.share_member (share_id, town_id, account_id, by_account)
    VALUES (the_share, the_town, the_account, layers.my_account())
    ON CONFLICT (share_id) DO UPDATE
    SET account_id = EXCLUDED.account_id, by_account = EXCLUDED.by_account, since = clock_timestamp()
    WHERE share_member.account_id <> EXCLUDED.account_id;
END $$;
REVOKE EXECUTE ON FUNCTION grids.set_share_member FROM PUBLIC;
GRANT EXECUTE ON FUNCTION grids.set_share_member
    TO gridwhistle_gis_editor, gridwhistle_administrator;

-- Ends what holds no longer: the micro-grid is gone, or lies in another grid than its member's. For
-- the owner, as a redraw takes effect.
CREATE OR REPLACE FUNCTION grids.release_share_members(the_town smallint, moment timestamptz)
RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    DELETE FROM layers.share_member
    WHERE share_member.town_id = the_town AND NOT EXISTS (
        SELECT FROM grids.share_version
        JOIN grids.version ON version.id = share_version.version_id
        JOIN layers.account ON account.grid_id = version.parent_id
        WHERE share_version.share_id = share_member.share_id AND share_version.valid @> moment
          AND account.id = share_member.account_id
    )
$$;
REVOKE EXECUTE ON FUNCTION grids.release_share_members FROM PUBLIC;
