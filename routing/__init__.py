"""Movement: streets, travel times, where a point lies on a street, who is nearest."""
