// What the answers of the two processes look like: heat cells and routes.

import type { LayerSpecification } from "maplibre-gl";
import type { FeatureCollection } from "geojson";
import type { Palette } from "../palette";
import { byCode, byZoom, type Slot } from "./style";

export const HEAT_SOURCE = "heat";
export const CHOSEN_SOURCE = "chosen-cell";
export const ROUTE_SOURCE = "routes";
export const NOTHING: FeatureCollection = { type: "FeatureCollection", features: [] };

interface Placed {
  slot: Slot;
  layer: LayerSpecification;
}

/**
 * Significant cells speak; the others are hardly there, and empty ones are not drawn.
 *
 * `quiet` while somebody looks at something else on the map.
 */
export function heatLayers(palette: Palette, quiet: boolean): Placed[] {
  const color = byCode("class", Object.entries(palette.hotspots), palette.offline);
  const significant = ["!=", ["get", "class"], "not_significant"];
  return [
    {
      slot: "heat",
      layer: {
        id: "heat-area",
        type: "fill",
        source: HEAT_SOURCE,
        filter: ["any", significant, [">", ["get", "count"], 0]] as never,
        paint: {
          "fill-color": color as never,
          "fill-opacity": ["case", significant, quiet ? 0.2 : 0.62, quiet ? 0.05 : 0.1] as never,
        },
      },
    },
    {
      slot: "heat-edge",
      layer: {
        id: "heat-edge",
        type: "line",
        source: HEAT_SOURCE,
        filter: significant as never,
        layout: { "line-join": "round" },
        paint: { "line-color": color as never, "line-width": byZoom([10, 0.4], [14, 1.4]), "line-opacity": quiet ? 0.4 : 1 },
      },
    },
    {
      slot: "heat-edge",
      layer: {
        id: "heat-chosen",
        type: "line",
        source: CHOSEN_SOURCE,
        layout: { "line-join": "round" },
        paint: { "line-color": palette.label, "line-width": 3 },
      },
    },
  ];
}

const ROUND = { "line-cap": "round", "line-join": "round" } as const;

/**
 * Routes that hold 180 s are solid, the others dashed; the chosen one is the widest. Dots lead over
 * the ground between a street and the point itself. What is only supposed has no solid line at all.
 */
export function routeLayers(palette: Palette, isSupposed: boolean): Placed[] {
  const chosen = ["get", "chosen"];
  const width = ["case", chosen, 6, 3.5];
  const opacity = ["case", chosen, 1, 0.75];
  const isRoute = ["!", ["get", "approach"]];
  const inTime = ["get", "inTime"];
  return [
    {
      slot: "route",
      layer: {
        id: "routes-approach",
        type: "line",
        source: ROUTE_SOURCE,
        filter: ["get", "approach"] as never,
        layout: ROUND,
        paint: { "line-color": palette.label, "line-width": 2.5, "line-dasharray": [0.1, 2] },
      },
    },
    {
      slot: "route",
      layer: {
        id: "routes-casing",
        type: "line",
        source: ROUTE_SOURCE,
        filter: isRoute as never,
        layout: ROUND,
        paint: {
          "line-color": palette.routeCasing,
          "line-width": ["case", chosen, 10, 6.5] as never,
          "line-opacity": 0.9,
        },
      },
    },
    {
      slot: "route",
      layer: {
        id: "routes-late",
        type: "line",
        source: ROUTE_SOURCE,
        filter: ["all", isRoute, ["!", inTime]] as never,
        paint: {
          "line-color": palette.late,
          "line-width": width as never,
          "line-opacity": opacity as never,
          "line-dasharray": [2, 1.2],
        },
      },
    },
    {
      slot: "route",
      layer: {
        id: "routes-in-time",
        type: "line",
        source: ROUTE_SOURCE,
        filter: ["all", isRoute, inTime] as never,
        layout: isSupposed ? {} : ROUND,
        paint: {
          "line-color": palette.inTime,
          "line-width": width as never,
          "line-opacity": opacity as never,
          ...(isSupposed && { "line-dasharray": [4, 1] }),
        },
      },
    },
  ];
}
