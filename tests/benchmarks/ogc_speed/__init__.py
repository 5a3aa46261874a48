"""How quick the OGC API is beside stock servers and beside the least that a server can do."""
