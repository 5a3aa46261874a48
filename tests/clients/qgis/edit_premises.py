"""`edit_premises.py SERVER [NAME PASSWORD]`: add, change, move and delete a shop, as a user would.

Every step tells whether it was accepted and what QGIS would show the user where it was not. Without
an account only the layer's capabilities are told: a request would open QGIS's sign-in dialog.
"""

import sys

from headless import Headless, report
from qgis.core import QgsFeature, QgsGeometry, QgsPointXY

server, *account = sys.argv[1:]
NAME = "QGIS 试录入的店"
MOVED = QgsGeometry.fromPointXY(QgsPointXY(120.0171, 29.2011))


def new_shop(layer, **values):
    feature = QgsFeature(layer.fields())
    for name, value in {"name": NAME, "kind": "shop", **values}.items():
        feature[name] = value
    feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(120.0165, 29.2)))
    return feature


def found(layer):
    """The shop as the server has it now; the layer is filtered by its name."""
    layer.reload()
    return next(layer.getFeatures(), None)


def commit(layer):
    """Send what was edited; on a refusal take it back."""
    accepted = layer.commitChanges(False)
    words = layer.commitErrors()
    if not accepted:
        layer.rollBack(False)
    return {"accepted": accepted, "words": words}


def edit(layer, steps):
    layer.addFeature(new_shop(layer))
    steps["add"] = commit(layer)
    shop = found(layer)
    layer.changeAttributeValue(shop.id(), layer.fields().indexOf("kind"), "workshop")
    steps["change"] = commit(layer) | {"kind": found(layer)["kind"]}
    layer.changeGeometry(found(layer).id(), MOVED)
    steps["move"] = commit(layer)
    steps["move"]["distance"] = found(layer).geometry().distance(MOVED)
    layer.addFeature(new_shop(layer, name="wrong", kind="zoo"))
    steps["wrong"] = commit(layer)
    layer.deleteFeature(found(layer).id())
    steps["delete"] = commit(layer) | {"still_there": found(layer) is not None}


with Headless() as qgis:
    layer = qgis.layer(server, "premises", qgis.sign_in(*account) if account else None)
    layer.setSubsetString(f"name = '{NAME}'")
    steps = {}
    editable = layer.startEditing()
    if editable:
        edit(layer, steps)
    elif account:
        # The button is grey; a script that goes past it gets the server's words.
        accepted, _ = layer.dataProvider().addFeatures([new_shop(layer)])
        steps["add"] = {"accepted": accepted, "words": layer.dataProvider().errors()}
    report(editable=editable, steps=steps, messages=qgis.messages)
