"""Vector tiles: where a tile lies, and the one statement that PostGIS makes it by."""
