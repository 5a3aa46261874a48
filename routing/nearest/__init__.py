"""Who can be there first, exact, over the live streets."""
