"""`read_layers.py SERVER [NAME PASSWORD]`: open and read every layer that the server lists."""

import json
import sys
from base64 import b64encode
from urllib.request import Request, urlopen

from headless import Headless, first_features, report
from qgis.core import Qgis, QgsWkbTypes

server, *account = sys.argv[1:]
question = Request(f"{server}/collections?f=json")
if account:
    question.add_header("Authorization", f"Basic {b64encode(':'.join(account).encode()).decode()}")
with urlopen(question) as answer:
    names = [collection["id"] for collection in json.load(answer)["collections"]]

layers = {}
with Headless() as qgis:
    authcfg = qgis.sign_in(*account) if account else None
    for name in names:
        layer = qgis.layer(server, name, authcfg)
        features = first_features(layer, 50)
        layers[name] = {
            "count": layer.featureCount(),
            "read": len(features),
            "with_geometry": sum(not feature.geometry().isEmpty() for feature in features),
            "geometry": QgsWkbTypes.geometryDisplayString(layer.geometryType()),
            "fields": {field.name(): field.typeName() for field in layer.fields()},
            "crs": layer.crs().authid(),
        }
    report(version=Qgis.QGIS_VERSION_INT, layers=layers, messages=qgis.messages)
