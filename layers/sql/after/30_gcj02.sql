-- GCJ-02 of WGS 84, the shifted datum of Chinese web maps: the same formula as spatial/datum.py,
-- whose head says where it is from. Degrees; nothing moves outside the box that the formula has.
CREATE OR REPLACE FUNCTION layers.gcj02_point(lon float8, lat float8) RETURNS geometry
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    semi_major_axis_m CONSTANT float8 := 6378245.0;
    eccentricity_squared CONSTANT float8 := 0.00669342162296594323;
    x CONSTANT float8 := lon - 105.0;
    y CONSTANT float8 := lat - 35.0;
    common float8;
    north_m float8;
    east_m float8;
    flattening float8;
BEGIN
    IF lon < 72.004 OR lon > 137.8347 OR lat < 0.8293 OR lat > 55.8271 THEN
        RETURN ST_SetSRID(ST_MakePoint(lon, lat), 4326);
    END IF;
    common := (20.0 * sin(6.0 * pi() * x) + 20.0 * sin(2.0 * pi() * x)) * 2.0 / 3.0;
    north_m := -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + common
        + (20.0 * sin(pi() * y) + 40.0 * sin(pi() * y / 3.0)) * 2.0 / 3.0
        + (160.0 * sin(pi() * y / 12.0) + 320.0 * sin(pi() * y / 30.0)) * 2.0 / 3.0;
    east_m := 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + common
        + (20.0 * sin(pi() * x) + 40.0 * sin(pi() * x / 3.0)) * 2.0 / 3.0
        + (150.0 * sin(pi() * x / 12.0) + 300.0 * sin(pi() * x / 30.0)) * 2.0 / 3.0;
    flattening := 1.0 - eccentricity_squared * sin(radians(lat)) ^ 2;
    RETURN ST_SetSRID(ST_MakePoint(
        lon + degrees(east_m / (semi_major_axis_m / sqrt(flattening) * cos(radians(lat)))),
        lat + degrees(north_m / (
            semi_major_axis_m * (1.0 - eccentricity_squared) / (flattening * sqrt(flattening))
        ))
    ), 4326);
END $$;

-- Vertices of one line, in their order.
CREATE OR REPLACE FUNCTION layers.gcj02_line(line geometry) RETURNS geometry
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT ST_SetSRID(ST_MakeLine(
        layers.gcj02_point(ST_X(vertex.geom), ST_Y(vertex.geom)) ORDER BY vertex.path
    ), 4326)
    FROM ST_DumpPoints(line) AS vertex
$$;

CREATE OR REPLACE FUNCTION layers.gcj02_polygon(polygon geometry) RETURNS geometry
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT ST_MakePolygon(
        layers.gcj02_line(ST_ExteriorRing(polygon)),
        ARRAY(
            SELECT layers.gcj02_line(ST_InteriorRingN(polygon, number))
            FROM generate_series(1, ST_NumInteriorRings(polygon)) AS number
        )
    )
$$;

-- A geometry of EPSG:4326, every vertex moved. Its SRID stays 4326, since GCJ-02 has none.
CREATE OR REPLACE FUNCTION layers.gcj02(shape geometry) RETURNS geometry
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF ST_IsEmpty(shape) THEN
        RETURN shape;
    END IF;
    RETURN CASE GeometryType(shape)
        WHEN 'POINT' THEN layers.gcj02_point(ST_X(shape), ST_Y(shape))
        WHEN 'LINESTRING' THEN layers.gcj02_line(shape)
        WHEN 'POLYGON' THEN layers.gcj02_polygon(shape)
        WHEN 'GEOMETRYCOLLECTION' THEN
            (SELECT ST_ForceCollection(ST_Collect(layers.gcj02(part.geom) ORDER BY part.path))
             FROM ST_Dump(shape) AS part)
        ELSE
            (SELECT ST_Multi(ST_Collect(layers.gcj02(part.geom) ORDER BY part.path))
             FROM ST_Dump(shape) AS part)
        END;
END $$;
