// The chosen edge, and edges as they would run while one is dragged: drawn over the map, so that a
// drag repaints some lines and not the map with its thousands.

import { drawing } from "../../dom";
import type { Place } from "../contract";
import type { Pixel } from "../model/plane";

export class LiveLines {
  readonly element: SVGElement;
  readonly #pixel: (place: Place) => Pixel;
  readonly #paths: SVGPathElement[];
  #lines: readonly Place[][] = [];

  constructor(pixel: (place: Place) => Pixel) {
    this.#pixel = pixel;
    this.element = drawing("", 1, { class: "live-lines" });
    this.element.removeAttribute("viewBox");
    const casing = this.element.firstElementChild as SVGPathElement;
    const line = casing.cloneNode() as SVGPathElement;
    casing.classList.add("casing");
    this.element.append(line);
    this.#paths = [casing, line];
  }

  show(lines: readonly Place[][]): void {
    this.#lines = lines;
    this.place();
  }

  /** Draw the lines where the map has their places now. */
  place(): void {
    const point = (place: Place) => this.#pixel(place).map((at) => at.toFixed(1)).join(" ");
    const course = this.#lines.map((line) => `M${line.map(point).join("L")}`).join("");
    for (const path of this.#paths) path.setAttribute("d", course);
  }
}
