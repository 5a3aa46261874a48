"""`redraw_grids.py SERVER NAME PASSWORD`: redraw micro-grids, with topological editing on.

A vertex that three of them share is moved, one is split, two neighbours are merged; each is saved
by itself, and tells what QGIS says of it. At the end the layer is read again.
"""

import sys
from collections import defaultdict

from headless import Headless, report
from qgis.core import QgsPointXY

server, *account = sys.argv[1:]
# Degrees: some metres.
EAST, NORTH = 0.0000312345678, 0.0000198765432


def commit(layer):
    """Save what was edited; on a refusal take it back."""
    accepted = layer.commitChanges(False)
    words = layer.commitErrors()
    if not accepted:
        layer.rollBack(False)
    layer.reload()
    return {"accepted": accepted, "words": words}


def features(layer):
    return {feature.id(): feature for feature in layer.getFeatures()}


def place_of_three(found):
    """A vertex at which three micro-grids meet, and these."""
    at = defaultdict(set)
    for number, feature in found.items():
        for vertex in feature.geometry().vertices():
            at[vertex.x(), vertex.y()].add(number)
    return next((place, numbers) for place, numbers in sorted(at.items()) if len(numbers) == 3)


def move(layer):
    found = features(layer)
    place, numbers = place_of_three(found)
    for number in numbers:
        vertices = list(found[number].geometry().vertices())
        index = next(i for i, each in enumerate(vertices) if (each.x(), each.y()) == place)
        layer.moveVertex(place[0] + EAST, place[1] + NORTH, number, index)
    codes = [found[number]["code"] for number in numbers]
    return commit(layer) | {"place": place, "codes": codes}, numbers


def split(layer, touched):
    found = features(layer)
    feature = next(each for number, each in found.items() if number not in touched)
    box, geometry = feature.geometry().boundingBox(), feature.geometry()
    middle = geometry.pointOnSurface().asPoint().y()
    line = [QgsPointXY(box.xMinimum() - 1e-4, middle), QgsPointXY(box.xMaximum() + 1e-4, middle)]
    layer.selectByIds([feature.id()])
    done = layer.splitFeatures(line, True)
    return commit(layer) | {"done": int(done), "code": feature["code"]}, {feature.id()}


def merge(layer, touched):
    """The tool "merge selected features": the first one's attributes, the second one deleted."""
    found = features(layer)
    survivor, absorbed = next(neighbours(found, touched))
    joined = survivor.geometry().combine(absorbed.geometry())
    for index, value in enumerate(survivor.attributes()):
        layer.changeAttributeValue(survivor.id(), index, value)
    layer.changeGeometry(survivor.id(), joined)
    layer.deleteFeature(absorbed.id())
    return commit(layer) | {"codes": [survivor["code"], absorbed["code"]]}


def neighbours(found, touched):
    """Pairs of one grid with an edge in common, that are one piece together."""
    for number, one in found.items():
        for other_number, other in found.items():
            if number >= other_number or {number, other_number} & touched:
                continue
            if one["parent"] == other["parent"]:
                edge = one.geometry().intersection(other.geometry())
                if edge.length() > 0 and not one.geometry().combine(other.geometry()).isMultipart():
                    yield one, other


with Headless() as qgis:
    layer = qgis.layer(server, "micro-grids", qgis.sign_in(*account))
    before = layer.featureCount()
    editable = layer.startEditing()
    moved, numbers = move(layer)
    halved, half = split(layer, numbers)
    merged = merge(layer, numbers | half)
    codes = sorted(feature["code"] for feature in layer.getFeatures())
    steps = {"move": moved, "split": halved, "merge": merged}
    report(editable=editable, before=before, steps=steps, codes=codes, messages=qgis.messages)
