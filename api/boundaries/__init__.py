"""`/api/drafts`: redrawing boundaries over HTTP, as docs/boundaries-api.md says."""
