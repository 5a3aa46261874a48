// What a change of the outline needs beside its line: the right to it, and the neighbour town's name.

import { h } from "../../dom";
import type { Arc, Order, Place } from "../contract";
import { unitTitle } from "../map/features";
import type { Pixel } from "../model/plane";
import { field, textInput } from "../panels/rows";
import type { Workbench } from "../tools/tool";
import { gain_m2, nearestOnRings, placeOf, type OnRing } from "./course";
import { t } from "./texts";

const HECTARE_M2 = 10_000;

export class OutlineForm {
  readonly element: HTMLElement;
  readonly #bench: Workbench;
  readonly #rings: Place[][];
  readonly #neighbour = textInput("", { id: "border-neighbour", list: "border-neighbours" });
  readonly #before = h("p", { class: "small" });
  readonly #after = h("p", { class: "outline-after", role: "status" });
  #places: readonly Place[] = [];

  constructor(bench: Workbench, arc: Arc, onDone: () => void) {
    this.#bench = bench;
    const { coverage } = bench.draft;
    this.#rings = coverage.unitsOf(1).flatMap(({ id }) => coverage.polygonsOf(id).flat());
    const unit = unitTitle(coverage, arc.left || arc.right);
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
    const gain = this.#gain_m2();
    const area = (Math.abs(gain ?? 0) / HECTARE_M2).toFixed(2);
    this.#after.textContent = gain === null ? t("notDrawn") : t(gain >= 0 ? "after_gain" : "after_loss", { neighbour, area });
  }

  /** The step, or null once it is said what is missing. */
  order(places: readonly Place[]): Order | null {
    this.weigh(places);
    const neighbour = this.#neighbour.value.trim();
    if (!this.#bench.mayMoveOutline) this.#bench.complain(t("noRight"));
    else if (this.#gain_m2() === null) this.#bench.complain(t(places.length > 1 ? "offOutline" : "notDrawn"));
    else if (!neighbour) {
      this.#bench.complain(t("neighbourFirst"));
      this.#neighbour.focus();
    } else return { kind: "redraw_outline", parameters: { line: [...places], neighbour } };
    return null;
  }

  #fields(): HTMLElement[] {
    const named = new Set(this.#bench.draft.steps.map(({ parameters }) => parameters.neighbour).filter((each) => typeof each === "string"));
    return [
      h("p", { class: "small" }, () => t("outlineWhy")),
      field(() => t("neighbour"), this.#neighbour),
      h("datalist", { id: "border-neighbours" }, ...[...named].map((value) => h("option", { value }))),
      this.#before,
      this.#after,
      h("button", { type: "submit", class: "primary" }, () => t("apply")),
    ];
  }

  /** Null as long as the line doesn't lead from the outline to the outline. */
  #gain_m2(): number | null {
    if (this.#places.length < 2) return null;
    const toPixel = (place: Place) => this.#bench.map.pixel(place);
    const [from, to] = [this.#places[0], this.#places.at(-1)].map((place) => this.#find(toPixel(place as Place)));
    return from && to && from.ring === to.ring ? gain_m2(from, to, this.#places) : null;
  }

  #find(pixel: Pixel): OnRing | null {
    return nearestOnRings(this.#rings, pixel, (place) => this.#bench.map.pixel(place));
  }
}
