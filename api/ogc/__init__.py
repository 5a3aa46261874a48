"""The OGC APIs: pygeoapi is the frame; items, tiles and executions are routes of our own."""
