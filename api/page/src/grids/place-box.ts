// The search box over the editor's map: it finds where to look, and changes nothing.

import "./css/place-box.css";
import type { Town } from "../contract";
import { PlaceSearch } from "../dispatch/places/search";
import { h } from "../dom";
import type { Place } from "./contract";
import type { GridMap } from "./map/view";

const CLOSE_ZOOM = 17;

/** The box, and the needle that stands where the chosen place is until the map is clicked. */
export class PlaceBox {
  readonly element: HTMLElement;
  readonly needle = h("div", { class: "needle", hidden: true, "aria-hidden": "true" });
  readonly #map: GridMap;
  #at: Place | null = null;

  /** `onLook` is told of the place chosen. */
  constructor(map: GridMap, town: Town, onLook: (at: Place) => void = () => undefined) {
    this.#map = map;
    const search = new PlaceSearch({
      near: () => (town.bounds ? map.center() : null),
      onChoose: (at) => {
        onLook(at);
        this.#lookAt(at);
      },
    });
    this.element = search.element;
  }

  /** The map has moved. */
  follow(): void {
    if (!this.#at) return;
    const [x, y] = this.#map.pixel(this.#at);
    this.needle.style.transform = `translate(${x}px, ${y}px)`;
  }

  /** The map was clicked: one looks elsewhere. */
  leave(): void {
    this.#at = null;
    this.needle.hidden = true;
  }

  #lookAt(at: Place): void {
    this.#at = at;
    this.needle.hidden = false;
    this.#map.fit([...at, ...at], CLOSE_ZOOM);
    this.follow();
  }
}
