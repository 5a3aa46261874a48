"""The ground: PostGIS, coordinates and time. Knows no rule of the town."""
