"""Pictures under the editor: tiles of other servers, fetched here, so that keys stay here.

pictures    what the settings offer
upstream    one tile from another server, within bounds of time and size
routes      `/api/basemaps`
"""
