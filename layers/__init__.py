"""The things on the map and their life, and the use cases that join the rooms."""
