"""A package, so that its tests share a browser and then let go of it."""
