"""`filter_layer.py SERVER LAYER FILTER [BOX]`: read what a filter leaves of a layer.

FILTER is an expression as in QGIS's query builder; BOX is west,south,east,north.
"""

import sys

from headless import Headless, report
from qgis.core import QgsFeatureRequest, QgsRectangle

server, name, expression, *box = sys.argv[1:]
with Headless() as qgis:
    layer = qgis.layer(server, name, restrictToRequestBBOX="1")
    accepted = not expression or layer.setSubsetString(expression)
    request = QgsFeatureRequest()
    if box:
        request.setFilterRect(QgsRectangle(*map(float, box[0].split(","))))
    read = sum(1 for _ in layer.getFeatures(request))
    report(accepted=accepted, read=read, messages=qgis.messages)
