// The map and what lies over it; and what stands in its place where there can be none.

import type { Layer, Town } from "../contract";
import { h } from "../dom";
import { mapButtons } from "../map/buttons";
import { hasWebgl2 } from "../map/webgl";
import { foot } from "../panels/foot";
import { mapMissing } from "../panels/missing";
import { t } from "./texts";
import type { GridMap } from "./map/view";

export class Stage {
  readonly element = h("main", { class: "stage" });
  /** Where the map is drawn. */
  readonly ground = h("div", { class: "map" });

  /** Lay these over the map, in this order. */
  furnish(map: GridMap, town: Town, layers: readonly Layer[], over: readonly Element[]): void {
    this.element.append(this.ground, ...over, mapButtons(map), foot(town, layers));
  }

  /** Say onto what the pointer has snapped. */
  sayOnto(onto: { layer: string; name: string } | null): void {
    this.ground.dataset.onto = onto ? t(onto.layer === "water" ? "snappedWater" : "snappedStreets", { name: onto.name }) : "";
  }
}

/** Whether this browser can draw the map; else what to say in its place. */
export function withoutMap(town: Town): HTMLElement | null {
  if (hasWebgl2() && town.bounds) return null;
  return mapMissing(town.bounds === null ? "noBounds" : "noWebglWhy");
}
