-- How many rented rooms lie out of reach is told to those who dispatch and plan: a sum for the town,
-- by the web alone (layers.rooms_of_buildings tells no login of one's own).
GRANT EXECUTE ON FUNCTION layers.rooms_of_buildings TO gridwhistle_dispatcher, gridwhistle_planner;
