// One drawing for each kind of place, in a square of 24.

import { drawing } from "../../dom";

const PIN = "M12 2a7 7 0 0 0-7 7c0 5.200 7 13 7 13s7-7.800 7-13a7 7 0 0 0-7-7zm0 4.500a2.500 2.500 0 1 1 0 5a2.500 2.500 0 1 1 0-5z";
const HOUSES = "M2 21v-9l5-4l5 4v9zM14 21v-14l4-3l4 3v14zM6 14v3h2v-3zM17 9v3h2v-3z";
const HOUSE = "M3 21v-11l9-7l9 7v11zM10 14v7h4v-7z";
const TOWER = "M5 22v-20h14v20zM8 5v2h2v-2zM14 5v2h2v-2zM8 10v2h2v-2zM14 10v2h2v-2zM10.500 16v6h3v-6z";
const SHOP = "M4 3h16l2 6c0 1.700-1.300 3-3 3v9h-14v-9c-1.700 0-3-1.300-3-3zM8 14v4h8v-4z";
const ROAD = "M8 2h3v4h2v-4h3l5 20h-7v-5h-4v5h-7zM11 8.500v5h2v-5z";
const CROSSING = "M9 2h6v7h7v6h-7v7h-6v-7h-7v-6h7z";
const DOOR = "M5 22v-20h14v20zM8 5v14h8v-14zM13.500 11h1.500v2.500h-1.500z";
const LAMP = "M6 22h6v-2h-2v-14c0-1.100.9-2 2-2h4v3h-2l-1.500 4h8l-1.500-4h-1v-5h-7c-2.200 0-4 1.800-4 4v14h-1z";
const HEXAGON = "M12 1.500l9.1 5.250v10.500l-9.1 5.250l-9.100-5.250v-10.500zM12 5l-6 3.500v7l6 3.500l6-3.500v-7z";
const CAMERA = "M3 6h12v4l6-3v10l-6-3v4h-12z";
const WAVES = "M2 8c3-4 7-4 10 0s7 4 10 0v4c-3 4-7 4-10 0s-7-4-10 0zM2 16c3-4 7-4 10 0s7 4 10 0v4c-3 4-7 4-10 0s-7-4-10 0z";
const SPEECH = "M3 3h18v13h-9l-5 5v-5h-4z";
const CROSSHAIR = "M11 1h2v4.100a7 7 0 0 1 5.900 5.900h4.100v2h-4.100a7 7 0 0 1-5.900 5.900v4.100h-2v-4.100a7 7 0 0 1-5.900-5.900h-4.100v-2h4.100a7 7 0 0 1 5.900-5.900zM12 7a5 5 0 1 0 0 10a5 5 0 1 0 0-10z";

const PATHS: Record<string, string> = {
  alias: SPEECH,
  village: HOUSES,
  building: TOWER,
  premises: SHOP,
  street: ROAD,
  crossing: CROSSING,
  address: HOUSE,
  entrance: DOOR,
  water: WAVES,
  "lamp-post": LAMP,
  grid: HEXAGON,
  "micro-grid": HEXAGON,
  sensor: CAMERA,
  coordinate: CROSSHAIR,
};

export const MAGNIFIER =
  "M10 3a7 7 0 1 0 4.200 12.600l5.100 5.100l1.400-1.400l-5.100-5.100a7 7 0 0 0-5.600-11.200zM10 5a5 5 0 1 1 0 10a5 5 0 1 1 0-10z";
export const CROSS = "M5.600 4.200l6.400 6.400l6.400-6.400l1.400 1.400l-6.400 6.400l6.400 6.400l-1.400 1.400l-6.400-6.400l-6.400 6.400l-1.400-1.400l6.400-6.400l-6.400-6.400z";

export function kindIcon(kind: string): SVGElement {
  return drawing(PATHS[kind] ?? PIN, 24, { class: "kind-icon", "fill-rule": "evenodd" });
}
