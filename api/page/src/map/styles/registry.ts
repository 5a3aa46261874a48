// Which style a catalogue layer has. One that is not named here is drawn by its geometry, so that a
// new entry of the catalogue shows up without a change to this page.

import type { Layer } from "../../contract";
import { grids, microGrids, town, villages } from "./coverage";
import { buildings, places, streets, water } from "./ground";
import { closures } from "./closures";
import { fieldsOfView, unknownArea, unknownLine } from "./others";
import { incidents, points, premises, responders, sensors } from "./points";
import type { LayerStyle } from "./style";

const STYLES: Partial<Record<string, LayerStyle>> = {
  water,
  buildings,
  streets,
  places,
  town,
  villages,
  grids,
  "micro-grids": microGrids,
  premises,
  sensors,
  "fields-of-view": fieldsOfView,
  incidents,
  responders,
  closures,
};

const BY_GEOMETRY: Record<Layer["geometry"], LayerStyle> = {
  point: points,
  line: unknownLine,
  polygon: unknownArea,
};

/** The heat map is drawn by its own panel, for its own window and categories. */
export const HEAT_LAYER = "hotspots";

export function styleOf(layer: Layer): LayerStyle {
  return STYLES[layer.id] ?? BY_GEOMETRY[layer.geometry];
}
