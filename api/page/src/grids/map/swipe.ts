// Before and after on one screen: left of a line the coverage that the draft stands on, right of it
// the draft. The line is pulled, or moved with the arrow keys.

import { h } from "../../dom";
import type { Coverage } from "../model/coverage";
import { t } from "../texts";
import type { Painter } from "./painter";
import type { GridMap } from "./view";

const MOVES: Record<string, number> = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageDown: -10, PageUp: 10, Home: -100, End: 100 };
const [LEAST, MOST] = [4, 96];

export class Swipe {
  readonly element: HTMLElement;
  readonly #ground = h("div", { class: "before-map", "aria-hidden": "true" });
  readonly #line: HTMLElement;
  readonly #now: GridMap;
  readonly #makeMap: (container: HTMLElement) => GridMap;
  #before: GridMap | null = null;
  #shown: unknown[] = [];
  #at = 50;

  constructor(now: GridMap, makeMap: (container: HTMLElement) => GridMap) {
    this.#now = now;
    this.#makeMap = makeMap;
    this.#line = this.#divider();
    this.element = h("div", { class: "swipe", hidden: true }, this.#ground, this.#line);
  }

  /** Show a coverage left of the line, drawn as the painter of the other map draws. */
  show(base: Coverage, painter: Painter): void {
    if (this.#before && isSame(this.#shown, [base, ...painter.looks])) return;
    this.#shown = [base, ...painter.looks];
    const isNew = this.element.hidden;
    this.element.hidden = false;
    this.#before ??= this.#makeMap(this.#ground);
    this.follow();
    painter.like(this.#before).all(base);
    if (isNew) this.#put(50);
  }

  hide(): void {
    if (this.element.hidden) return;
    this.element.hidden = true;
    this.#shown = [];
    this.element.parentElement?.style.removeProperty("--swiped");
  }

  /** Look where the other map looks. */
  follow(): void {
    if (!this.element.hidden) this.#before?.follow(this.#now);
  }

  #divider(): HTMLElement {
    const pull = (event: PointerEvent) => {
      if (!line.hasPointerCapture(event.pointerId)) return;
      const { left, width } = this.element.getBoundingClientRect();
      this.#put((100 * (event.clientX - left)) / width);
    };
    const line = h(
      "div",
      {
        class: "swipe-line",
        role: "slider",
        tabindex: 0,
        "aria-label": () => t("swipeLine"),
        "aria-valuemin": LEAST,
        "aria-valuemax": MOST,
        onkeydown: (event: KeyboardEvent) => this.#key(event),
        onpointerdown: (event: PointerEvent) => line.setPointerCapture(event.pointerId),
        onpointermove: pull,
      },
      h("span", { class: "side" }, () => t("compare_before")),
      h("span", { class: "knob", "aria-hidden": "true" }),
      h("span", { class: "side" }, () => t("compare_now")),
    );
    return line;
  }

  #key(event: KeyboardEvent): void {
    const move = MOVES[event.key];
    if (move === undefined) return;
    event.preventDefault();
    this.#put(this.#at + move);
  }

  /** Put the line so many hundredths of the width from the left. */
  #put(share: number): void {
    this.#at = Math.min(MOST, Math.max(LEAST, share));
    this.element.parentElement?.style.setProperty("--swiped", `${this.#at}%`);
    this.#line.setAttribute("aria-valuenow", String(Math.round(this.#at)));
  }
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((each, i) => each === other[i]);
}
