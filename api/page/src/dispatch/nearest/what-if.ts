// What if: a team more or fewer, somebody elsewhere, a street closed. Nothing of it is stored.

import type { Mode, Responder } from "../../contract";
import { h } from "../../dom";
import { coordinates } from "../../format";
import { t as page } from "../../language";
import type { LonLat } from "../../map/view";
import type { WhatIf } from "./contract";
import { t } from "./words";

// A press on the map closes what lies so near.
const CLOSED_WITHIN_M = 15;

type Change =
  | { kind: "added"; at: LonLat; mode: Mode }
  | { kind: "moved"; at: LonLat; key: string; label: string }
  | { kind: "gone"; key: string; label: string }
  | { kind: "closed"; at: LonLat };

export class WhatIfBox {
  readonly element: HTMLDetailsElement;
  readonly #onChange: () => void;
  readonly #hasMap: boolean;
  readonly #hint = h("p", { class: "hint", hidden: true }, () => t("pressMap"));
  readonly #list = h("ul", { class: "supposed" });
  readonly #buttons = h("div", { class: "what-if-buttons" });
  #changes: Change[] = [];
  #waiting: ((at: LonLat) => Change) | null = null;
  #chosen: Responder | null = null;

  constructor(hasMap: boolean, onChange: () => void) {
    this.#hasMap = hasMap;
    this.#onChange = onChange;
    this.element = h(
      "details",
      { class: "what-if" },
      h("summary", {}, () => t("whatIf")),
      this.#buttons,
      this.#hint,
      this.#list,
    );
    this.#draw();
  }

  get isOn(): boolean {
    return this.#changes.length > 0;
  }

  /** What is supposed now; undefined for things as they are. */
  supposed(): WhatIf | undefined {
    if (!this.isOn) return undefined;
    const of = <Kind extends Change["kind"]>(kind: Kind) =>
      this.#changes.filter((each): each is Extract<Change, { kind: Kind }> => each.kind === kind);
    return {
      added: of("added").map(({ at: [lon, lat], mode }, i) => ({ label: `${t("addOne")} ${i + 1}`, mode, lon, lat })),
      moved: of("moved").map(({ key, at: [lon, lat] }) => ({ key, lon, lat })),
      without: of("gone").map(({ key }) => key),
      closures: of("closed").map(({ at }) => ({
        geometry: { type: "Point", coordinates: at },
        radius_m: CLOSED_WITHIN_M,
      })),
    };
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
    this.#draw();
  }

  #change(changes: Change[]): void {
    this.#waiting = null;
    this.#changes = changes;
    this.#draw();
    this.#onChange();
  }

  #wait(make: (at: LonLat) => Change): void {
    this.#waiting = make;
    this.#hint.hidden = false;
  }

  #draw(): void {
    this.#hint.hidden = !this.#waiting;
    this.#buttons.replaceChildren(...this.#onMap(), ...this.#onChosen());
    const rows = this.#changes.map((each) => {
      const drop = () => this.#change(this.#changes.filter((other) => other !== each));
      return h("li", {}, h("button", { type: "button", "aria-label": () => t("drop", { what: told(each) }), onclick: drop }, () => `${told(each)} ✕`));
    });
    if (rows.length) rows.unshift(h("li", { class: "small note" }, () => t("whatIfOn")));
    if (rows.length) {
      const end = () => (this.clear(), this.#onChange());
      rows.push(h("li", {}, h("button", { type: "button", class: "quiet", onclick: end }, () => t("endWhatIf"))));
    }
    this.#list.replaceChildren(...rows);
  }

  #onMap(): HTMLElement[] {
    if (!this.#hasMap) return [];
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
    if (!this.#hasMap) return [without];
    const move = button(
      () => t("moveOne", { who: label }),
      () => this.#wait((at) => ({ kind: "moved", at, key, label })),
    );
    return [without, move];
  }
}

function told(change: Change): string {
  const where = "at" in change ? coordinates(...change.at) : "";
  if (change.kind === "added") return t("added", { mode: page(`mode_${change.mode}`), where });
  if (change.kind === "closed") return t("closed", { where });
  if (change.kind === "moved") return t("moved", { who: change.label, where });
  return t("gone", { who: change.label });
}

function button(words: () => string, onclick: () => void): HTMLElement {
  return h("button", { type: "button", onclick }, words);
}
