"""What the scripts in this folder share: QGIS without a screen, and the layers of a server.

Runs in the Python of QGIS: `tests/clients/qgis/run trixie SCRIPT ...`.
"""

import json
import os
import sys
import traceback

from qgis.core import QgsApplication, QgsAuthMethodConfig, QgsFeatureRequest, QgsVectorLayer


class Headless:
    """QGIS from `with` to its end; what it logged is in `messages`."""

    def __enter__(self):
        self.messages = []
        self.application = QgsApplication([], False)
        self.application.initQgis()
        log = self.application.messageLog()
        log.messageReceived.connect(lambda text, *_: self.messages.append(text))
        return self

    def __exit__(self, kind, error, trace):
        # The layers that a script still holds would outlive QGIS, which ends in a crash.
        if error:
            traceback.print_exception(kind, error, trace)
        sys.stdout.flush()
        os._exit(1 if error else 0)

    def sign_in(self, name, password):
        """The id of a new authentication configuration (HTTP Basic), as the dialog makes it."""
        manager = self.application.authManager()
        manager.setMasterPassword("only for this run", True)
        config = QgsAuthMethodConfig("Basic")
        config.setName(name)
        config.setConfig("username", name)
        config.setConfig("password", password)
        manager.storeAuthenticationConfig(config)
        return config.id()

    def layer(self, server, name, authcfg=None, **options):
        """A layer of OGC API Features; `options` are those of the data source's URI."""
        parameters = {"url": server, "typename": name, "pagingEnabled": "true", **options}
        if authcfg:
            parameters["authcfg"] = authcfg
        uri = " ".join(f"{key}='{value}'" for key, value in parameters.items())
        layer = QgsVectorLayer(uri, name, "OAPIF")
        if not layer.isValid():
            raise RuntimeError(f"{name} can't be opened: {self.messages}")
        return layer


def first_features(layer, number):
    """The first features of a layer."""
    return list(layer.getFeatures(QgsFeatureRequest().setLimit(number)))


def report(**found):
    """The script's result: one line of JSON, the last on standard output."""
    json.dump(found, sys.stdout, ensure_ascii=False, default=str)
    print()
