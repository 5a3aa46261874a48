// How the names of units are written: the larger the unit, the larger the name.

import type { LayerSpecification } from "maplibre-gl";
import type { Language } from "../../language";
import { NAMED_FROM } from "../names";
import type { Palette } from "../palette";
import { FONT, type Slot } from "./style";

export const NAMES_SOURCE = "names";

const SIZES = { villages: 13, grids: 11, "micro-grids": 10 } as const;

export function nameLayers(
  palette: Palette,
  language: Language,
): { slot: Slot; layer: LayerSpecification }[] {
  return Object.entries(SIZES).map(([id, size]) => ({
    slot: "label",
    layer: {
      id: `${id}-name`,
      type: "symbol",
      source: NAMES_SOURCE,
      minzoom: NAMED_FROM[id] ?? 0,
      filter: ["==", ["get", "layer"], id],
      layout: {
        "text-field": ["get", language === "zh" ? "name" : "name_en"],
        "text-font": FONT,
        "text-size": size,
        "text-max-width": 6,
        "text-padding": 4,
      },
      paint: {
        "text-color": id === "villages" ? palette.label : palette.quietLabel,
        "text-halo-color": palette.halo,
        "text-halo-width": 1.6,
      },
    },
  }));
}
