"""`draw_map.py SERVER PICTURE`: vector tiles in the server's styles, and features over them."""

import sys

from headless import Headless, report
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsRectangle,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

server, picture = sys.argv[1:]
WEB_MERCATOR = QgsCoordinateReferenceSystem("EPSG:3857")
# About 2 km around the middle of the demo town.
WINDOW = QgsRectangle(13359000, 3400000, 13361600, 3401617)


def tiles(name):
    """A layer of vector tiles with the style that the server offers for it."""
    collection = f"{server}/collections/{name}"
    address = f"{collection}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}?f=mvt"
    style = f"{collection}/styles/default?f=mapbox"
    layer = QgsVectorTileLayer(f"type=xyz&zmin=0&zmax=18&url={address}&styleUrl={style}", name)
    words, styled = layer.loadDefaultStyle()
    return layer, layer.isValid() and styled, words


with Headless() as qgis:
    drawn = {name: tiles(name) for name in ("micro-grids", "streets", "buildings", "water")}
    shops = qgis.layer(server, "premises")
    accepted = shops.setSubsetString("kind = 'shop'")
    shops.renderer().symbol().setColor(QColor("#b3261e"))
    settings = QgsMapSettings()
    settings.setLayers([shops, *(layer for layer, *_ in drawn.values())])
    settings.setDestinationCrs(WEB_MERCATOR)
    settings.setExtent(WINDOW)
    settings.setOutputSize(QSize(900, 560))
    settings.setBackgroundColor(QColor("#f6f5f1"))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(picture)
    report(
        tiles={
            name: {"styled": styled, "words": words} for name, (_, styled, words) in drawn.items()
        },
        filtered=accepted,
        errors=[error.message for error in job.errors()],
        messages=qgis.messages,
    )
