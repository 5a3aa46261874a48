// What the responders on duty cover: cells by the first limit that holds, premises that are left
// out, and where idle teams would stand better.

import type { FeatureCollection } from "geojson";
import type { LayerSpecification, SourceSpecification } from "maplibre-gl";
import type { Palette, Theme } from "../palette";
import { NOTHING } from "./answers";
import { byZoom, FONT, type Slot } from "./style";

export const CELLS_SOURCE = "response-cells";
const OUTSIDE_SOURCE = "response-outside";
const STANDS_SOURCE = "response-stands";

export interface ResponsePicture {
  /** Where the map reads the cells; their digits are painted by `MapView.paintCells`. */
  cellsUrl: string;
  theme: Theme;
  outside: FeatureCollection | null;
  stands: FeatureCollection | null;
}

/** By limit: teal within three minutes, which no water is, warm beyond; told apart by lightness too. */
export const COVER_COLORS: Record<Theme, readonly string[]> = {
  light: ["#00564a", "#1f9a83", "#84d3b4", "#f2a93b", "#c8413a"],
  dark: ["#8ff0d0", "#2fae8f", "#17695a", "#c98628", "#d0453f"],
};

interface Placed {
  slot: Slot;
  layer: LayerSpecification;
}

export function responseSources(picture: ResponsePicture | null): Record<string, SourceSpecification> {
  if (!picture) return {};
  return {
    [CELLS_SOURCE]: { type: "geojson", data: picture.cellsUrl, tolerance: 0 },
    [OUTSIDE_SOURCE]: { type: "geojson", data: picture.outside ?? NOTHING },
    [STANDS_SOURCE]: { type: "geojson", data: picture.stands ?? NOTHING },
  };
}

export function responseLayers(picture: ResponsePicture | null, palette: Palette): Placed[] {
  if (!picture) return [];
  const colors = COVER_COLORS[picture.theme];
  const digit = ["coalesce", ["feature-state", "digit"], -1];
  const last = colors.length - 1;
  const color = ["match", digit, ...colors.slice(0, last).flatMap((each, i) => [i, each]), colors[last]];
  return [
    {
      slot: "heat-edge",
      layer: {
        id: "response-cells",
        type: "fill",
        source: CELLS_SOURCE,
        paint: {
          "fill-antialias": false,
          "fill-color": color as never,
          "fill-opacity": ["case", ["==", digit, -1], 0, 0.45] as never,
        },
      },
    },
    {
      slot: "point",
      layer: {
        id: "response-outside",
        type: "circle",
        source: OUTSIDE_SOURCE,
        paint: {
          "circle-radius": byZoom([10, 2], [16, 6]),
          "circle-color": palette.alarm,
          "circle-stroke-color": palette.symbolEdge,
          "circle-stroke-width": 1,
        },
      },
    },
    ...standLayers(palette),
  ];
}

/** Ghosts: hollow, with a dotted line from where the team is now. */
function standLayers(palette: Palette): Placed[] {
  return [
    {
      slot: "route",
      layer: {
        id: "response-moves",
        type: "line",
        source: STANDS_SOURCE,
        filter: ["==", ["geometry-type"], "LineString"] as never,
        layout: { "line-cap": "round" },
        paint: { "line-color": palette.label, "line-width": 2, "line-dasharray": [0.1, 2.2], "line-opacity": 0.8 },
      },
    },
    {
      slot: "responder",
      layer: {
        id: "response-stands",
        type: "circle",
        source: STANDS_SOURCE,
        filter: ["==", ["geometry-type"], "Point"] as never,
        paint: {
          "circle-radius": 11,
          "circle-color": palette.halo,
          "circle-opacity": 0.65,
          "circle-stroke-color": ["case", ["get", "more"], palette.quietLabel, palette.label] as never,
          "circle-stroke-width": 2.5,
          "circle-stroke-opacity": 0.9,
        },
      },
    },
    {
      slot: "responder",
      layer: {
        id: "response-stand-names",
        type: "symbol",
        source: STANDS_SOURCE,
        filter: ["==", ["geometry-type"], "Point"] as never,
        layout: {
          "text-field": ["get", "name"] as never,
          "text-font": FONT,
          "text-size": 13,
          "text-variable-anchor": ["left", "right", "top", "bottom"],
          "text-radial-offset": 1.2,
          "text-justify": "auto",
          "text-optional": false,
          "icon-allow-overlap": true,
        },
        paint: { "text-color": palette.label, "text-halo-color": palette.halo, "text-halo-width": 2 },
      },
    },
  ];
}
