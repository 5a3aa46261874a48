"""Lamp posts along the main roads, numbered through the town road by road."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from layers.demo.frame import Frame, Geometries
from routing.streets import Streets

_LIT_CLASSES = ("trunk", "primary", "secondary", "tertiary")
_EVERY_M = 60.0
_BESIDE_M = 6.0


def make_lamp_posts(streets: Streets, frame: Frame) -> pd.DataFrame:
    """The table of lamp posts; columns as in layers.lamp_post. Nothing of it is drawn by lot."""
    table = pd.DataFrame(streets.streets)
    lit = table[table["class"].isin(_LIT_CLASSES) & table["name"].notna()]
    lit = lit.sort_values("name", kind="stable")
    lines: Geometries = lit["geometry"].to_numpy()
    posts = np.floor(lit["length_m"].to_numpy() / _EVERY_M).astype(np.int64)
    street = np.repeat(np.arange(len(lines)), posts)
    ordinal = np.arange(len(street)) - np.repeat(np.cumsum(posts) - posts, posts)
    share = (ordinal + 0.5) / posts[street]
    number = np.arange(1, len(street) + 1)
    return pd.DataFrame(
        {
            "key": [f"demo-lamp-{n:05d}" for n in number.tolist()],
            "number": [f"{n:05d}" for n in number.tolist()],
            "street": lit["name"].to_numpy()[street],
            "geom": _beside(lines[street], share, ordinal % 2 == 0, frame),
        }
    )


def _beside(lines: Geometries, share: np.ndarray, left: np.ndarray, frame: Frame) -> Geometries:
    """Points at a share of each line, a few metres to its left or right."""
    at, ahead = (
        frame.to_metres(
            shapely.get_coordinates(shapely.line_interpolate_point(lines, each, normalized=True))
        )
        for each in (share, share + 1e-3)
    )
    along = (ahead - at) / np.hypot(*(ahead - at).T)[:, None]
    aside = np.column_stack([-along[:, 1], along[:, 0]]) * np.where(left, 1.0, -1.0)[:, None]
    return np.asarray(shapely.points(frame.to_lonlat(at + _BESIDE_M * aside)), dtype=object)
