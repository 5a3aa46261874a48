// What a change of the outline needs beside its line: the right to it, and the neighbour town's name.

import { h } from "../../dom";
import type { Arc, Order, Place } from "../contract";
import { unitTitle } from "../map/features";
import { nearestOnLine, type Pixel } from "../model/plane";
import { field, textInput } from "../panels/rows";
import type { Workbench } from "../tools/tool";
import { courseBetween, gain_m2, placeOf, type Course, type OnArc } from "./course";
import { t } from "./texts";

/** How near in pixels a place is taken to be on the outline. */
const NEAR_PX = 12;
const CORNER_PX = 6;
const HECTARE_M2 = 10_000;

export class OutlineForm {
  readonly element: HTMLElement;
  readonly #bench: Workbench;
  readonly #arc: Arc;
  readonly #neighbour = textInput("", { id: "border-neighbour", list: "border-neighbours" });
  readonly #before = h("p", { class: "small" });
  readonly #after = h("p", { class: "outline-after", role: "status" });
  #places: readonly Place[] = [];

  constructor(bench: Workbench, arc: Arc, onDone: () => void) {
    this.#bench = bench;
    this.#arc = arc;
    const unit = unitTitle(bench.draft.coverage, arc.left || arc.right);
    this.element = h(
      "form",
      { class: "outline-form", onsubmit: (event: SubmitEvent) => (event.preventDefault(), onDone()) },
      h("h2", {}, () => t("titleOutline")),
      h("h3", {}, () => t("outlineOf", { unit })),
      ...(bench.mayMoveOutline ? this.#fields() : [h("p", { class: "notice no-right", role: "alert" }, () => t("noRight"))]),
    );
    this.#neighbour.addEventListener("input", () => this.weigh(this.#places));
    this.weigh([]);
  }

  /** The place on the outline beside a pixel; none where it is farther off. */
  onto(pixel: Pixel): Place | null {
    const found = this.#find(pixel);
    return found && placeOf(found);
  }

  /** Say what a line would change, and for whom. */
  weigh(places: readonly Place[]): void {
    this.#places = [...places];
    const neighbour = this.#neighbour.value.trim() || t("unnamed");
    this.#before.textContent = t("before", { neighbour });
    const course = this.#course();
    const gain = course ? gain_m2(this.#arc, course) : 0;
    const area = (Math.abs(gain) / HECTARE_M2).toFixed(2);
    this.#after.textContent = course ? t(gain >= 0 ? "after_gain" : "after_loss", { neighbour, area }) : t("notDrawn");
  }

  /** The step, or null once it is said what is missing. */
  order(places: readonly Place[]): Order | null {
    this.weigh(places);
    const neighbour = this.#neighbour.value.trim();
    const course = this.#course();
    if (!this.#bench.mayMoveOutline) this.#bench.complain(t("noRight"));
    else if (!course) this.#bench.complain(t(places.length > 1 ? "offOutline" : "notDrawn"));
    else if (!neighbour) {
      this.#bench.complain(t("neighbourFirst"));
      this.#neighbour.focus();
    } else return { kind: "move_outline", parameters: { ...course, neighbour } };
    return null;
  }

  #fields(): HTMLElement[] {
    const named = new Set(this.#bench.draft.steps.map(({ parameters }) => parameters.neighbour).filter((each) => typeof each === "string"));
    this.#neighbour.required = true;
    return [
      h("p", { class: "small" }, () => t("outlineWhy")),
      field(() => t("neighbour"), this.#neighbour),
      h("datalist", { id: "border-neighbours" }, ...[...named].map((value) => h("option", { value }))),
      this.#before,
      this.#after,
      h("button", { type: "submit", class: "primary" }, () => t("apply")),
    ];
  }

  #course(): Course | null {
    if (this.#places.length < 2) return null;
    const { map } = this.#bench;
    const [from, to] = [this.#places[0], this.#places.at(-1)].map((place) => this.#find(map.pixel(place as Place)));
    return from && to ? courseBetween(from, to, this.#places.slice(1, -1)) : null;
  }

  #find(pixel: Pixel): OnArc | null {
    const { map } = this.#bench;
    const line = this.#arc.coords.map((place) => map.pixel(place));
    const { at, edge, distance } = nearestOnLine(line, pixel);
    if (distance > NEAR_PX) return null;
    const [from, to] = [line[edge] as Pixel, line[edge + 1] as Pixel];
    const far = (one: Pixel) => Math.hypot(one[0] - at[0], one[1] - at[1]);
    if (far(from) < CORNER_PX) return { arc: this.#arc, edge, share: 0 };
    if (far(to) < CORNER_PX) return { arc: this.#arc, edge, share: 1 };
    return { arc: this.#arc, edge, share: far(from) / (far(from) + far(to)) };
  }
}
