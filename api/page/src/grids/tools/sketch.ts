// A line while it is drawn, place by place.

import type { Place } from "../contract";
import { lineFeature, pointFeature } from "../map/features";
import type { GridMap } from "../map/view";
import { length_m } from "../model/plane";

const SAME_PX = 4;

export class Sketch {
  readonly places: Place[] = [];
  readonly #map: GridMap;

  constructor(map: GridMap) {
    this.#map = map;
  }

  /** Go on to a place; the second click of a double click adds none. */
  add(place: Place): void {
    const last = this.places.at(-1);
    const [x0, y0] = last ? this.#map.pixel(last) : [NaN, NaN];
    const [x1, y1] = this.#map.pixel(place);
    if (Math.hypot(x1 - x0, y1 - y0) < SAME_PX) return;
    this.places.push(place);
    this.draw(null);
  }

  takeBack(): void {
    this.places.pop();
    this.draw(null);
  }

  /** Show the line, and its way to where the pointer is. */
  draw(pointer: Place | null): void {
    const line = pointer ? [...this.places, pointer] : this.places;
    const points = this.places.map((place) => pointFeature(place));
    this.#map.set("sketch", [...(line.length > 1 ? [lineFeature(line)] : []), ...points]);
  }

  clear(): void {
    this.places.length = 0;
    this.#map.set("sketch", []);
  }

  /** The place half way along. */
  halfWay(): Place {
    let left = length_m(this.places) / 2;
    for (let i = 1; i < this.places.length; i++) {
      const [from, to] = [this.places[i - 1] as Place, this.places[i] as Place];
      const edge = length_m([from, to]);
      if (left <= edge && edge > 0) {
        const share = left / edge;
        return [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])];
      }
      left -= edge;
    }
    return this.places[0] ?? [0, 0];
  }
}
