// What if: a team more or fewer, somebody elsewhere, a street closed. Nothing of it is stored, and
// as long as it lasts everything says so.

import type { Responder } from "../../contract";
import { h } from "../../dom";
import type { LonLat } from "../../map/view";
import type { WhatIf } from "./contract";
import { marksOf, supposition, told, type Change, type Mark } from "./supposed";
import { t } from "./words";

/** What the page shows of it. */
export interface Supposing {
  /** Whether anything is supposed: what is shown isn't how things are. */
  isOn: boolean;
  /** Whether the next press on the map belongs to it. */
  waits: boolean;
  marks: Mark[];
}

interface Options {
  hasMap: boolean;
  /** Something else is supposed: ask again. */
  onChange: () => void;
  onShow: (supposing: Supposing) => void;
}

export class WhatIfBox {
  readonly element: HTMLDetailsElement;
  /** At the foot of the panel, where otherwise orders are given. */
  readonly bar = h("div", { class: "what-if-bar", role: "status", hidden: true });
  readonly #options: Options;
  readonly #list = h("ul", { class: "supposed" });
  readonly #buttons = h("div", { class: "what-if-buttons" });
  #changes: Change[] = [];
  #waiting: ((at: LonLat) => Change) | null = null;
  #chosen: Responder | null = null;

  constructor(options: Options) {
    this.#options = options;
    this.element = h(
      "details",
      { class: "what-if" },
      h("summary", {}, () => t("whatIf")),
      this.#buttons,
      this.#list,
    );
    this.#draw();
  }

  get isOn(): boolean {
    return this.#changes.length > 0;
  }

  /** What is supposed now; undefined for things as they are. */
  supposed(): WhatIf | undefined {
    return this.isOn ? supposition(this.#changes) : undefined;
  }

  /** A press on the map, if it was waited for: whether it was. */
  takes(at: LonLat): boolean {
    if (!this.#waiting) return false;
    this.#change([...this.#changes, this.#waiting(at)]);
    return true;
  }

  /** Who is looked at in the list. */
  choose(responder: Responder | null): void {
    this.#chosen = responder;
    this.#draw();
  }

  clear(): void {
    this.#waiting = null;
    this.#changes = [];
    this.element.open = false;
    this.#show();
  }

  /** One step back to things as they are: whether there was one. */
  leave(): boolean {
    if (this.#waiting) this.#wait(null);
    else if (this.isOn) this.#end();
    else return false;
    return true;
  }

  #end(): void {
    this.clear();
    this.#options.onChange();
  }

  #change(changes: Change[]): void {
    this.#waiting = null;
    this.#changes = changes;
    this.#show();
    this.#options.onChange();
  }

  #wait(make: ((at: LonLat) => Change) | null): void {
    this.#waiting = make;
    this.#show();
  }

  #draw(): void {
    this.#buttons.replaceChildren(...this.#onMap(), ...this.#onChosen());
    this.#list.replaceChildren(...this.#changes.map((each) => this.#row(each)));
    this.#drawBar();
  }

  #show(): void {
    this.#draw();
    this.#options.onShow({ isOn: this.isOn, waits: this.#waiting !== null, marks: marksOf(this.#changes) });
  }

  #row(change: Change): HTMLElement {
    const drop = () => this.#change(this.#changes.filter((other) => other !== change));
    const what = () => told(change);
    return h("li", {}, h("button", { type: "button", "aria-label": () => t("drop", { what: what() }), onclick: drop }, () => `${what()} ✕`));
  }

  #drawBar(): void {
    const waits = this.#waiting !== null;
    this.bar.hidden = !waits && !this.isOn;
    this.bar.replaceChildren(
      h("p", {}, h("strong", {}, () => t(waits ? "pressMap" : "whatIfOn")), h("span", { class: "small" }, () => t("nothingChanged"))),
      button(() => t(waits ? "stopWaiting" : "endWhatIf"), () => this.leave()),
    );
  }

  #onMap(): HTMLElement[] {
    if (!this.#options.hasMap) return [];
    return [
      button(() => t("addOne"), () => this.#wait((at) => ({ kind: "added", at, mode: "car" }))),
      button(() => t("closeOne"), () => this.#wait((at) => ({ kind: "closed", at }))),
    ];
  }

  #onChosen(): HTMLElement[] {
    const chosen = this.#chosen;
    if (!chosen) return [];
    const { key, label } = chosen;
    const others = this.#changes.filter((each) => !("key" in each) || each.key !== key);
    const without = button(
      () => t("without", { who: label }),
      () => this.#change([...others, { kind: "gone", key, label }]),
    );
    if (!this.#options.hasMap) return [without];
    const move = button(
      () => t("moveOne", { who: label }),
      () => this.#wait((at) => ({ kind: "moved", at, key, label })),
    );
    return [without, move];
  }
}

function button(words: () => string, onclick: () => void): HTMLElement {
  return h("button", { type: "button", onclick }, words);
}
