// Digits of cells as the map's own memory of each: a second's change is no new geometry.

import type { Map as MapLibre } from "maplibre-gl";
import { CELLS_SOURCE } from "./styles/response";

export class CellPaint {
  /** The digits that are to be seen, one for each cell. */
  wanted = "";
  #painted = "";
  #url: string | null = null;

  /** Tell the map of the cells that have changed since the last time. */
  paint(map: MapLibre, url: string | null): void {
    if (url !== this.#url) {
      this.#url = url;
      this.#painted = "";
    }
    if (!url || this.#painted === this.wanted || !map.getSource(CELLS_SOURCE)) return;
    for (let i = 0; i < this.wanted.length; i++) {
      if (this.wanted[i] === this.#painted[i]) continue;
      map.setFeatureState({ source: CELLS_SOURCE, id: i + 1 }, { digit: Number(this.wanted[i]) });
    }
    this.#painted = this.wanted;
  }
}
