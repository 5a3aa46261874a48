// One micro-grid of a shared polygon in the table: its name and code, its parts of buildings, its faults.

import { h } from "../../dom";
import { button, textInput } from "../panels/rows";
import type { Building } from "./contract";
import { labelOf, type RowFault } from "./faults";
import type { PartRow, ShareRow } from "./rows";
import { COLORS } from "./stack";
import { t } from "./texts";

interface Options {
  row: ShareRow;
  position: number;
  buildings: readonly Building[];
  /** Something was typed. */
  onInput: () => void;
  /** A line came or went. */
  onLines: () => void;
  onRemove: () => void;
}

export class ShareCard {
  readonly element: HTMLElement;
  readonly #options: Options;
  readonly #load = h("output", { class: "share-load" });
  readonly #faults = h("ul", { class: "share-faults", role: "alert", hidden: true });
  readonly #parts: HTMLElement[];

  constructor(options: Options) {
    this.#options = options;
    const { row, position, onRemove } = options;
    this.#parts = row.parts.map((part, i) => this.#part(part, i));
    const remove = button(() => "✕", onRemove, { class: "quiet small-button", "aria-label": t("removeShare"), title: t("removeShare") });
    this.element = h(
      "fieldset",
      { class: "share", "data-share": String(position % COLORS), "data-row": String(position) },
      h("legend", {}, () => t("rowOf", { n: position + 1 })),
      h("div", { class: "share-head" }, this.#text("name"), this.#text("code"), remove),
      ...this.#parts,
      h("div", { class: "share-foot" }, this.#adding(), this.#load),
      this.#faults,
    );
  }

  /** What it looks after, and what is wrong with it. */
  tell(load: string, inBand: string, faults: readonly RowFault[]): void {
    this.#load.textContent = load;
    this.#load.dataset.band = inBand;
    const words = [...new Set(faults.map((fault) => fault.words))];
    if (words.join() !== [...this.#faults.children].map((each) => each.textContent).join()) {
      this.#faults.replaceChildren(...words.map((each) => h("li", {}, each)));
    }
    this.#faults.hidden = !words.length;
    this.element.toggleAttribute("data-wrong", words.length > 0);
    for (const [i, part] of this.#parts.entries()) part.toggleAttribute("data-wrong", faults.some((fault) => fault.part === i));
  }

  /** Put the keyboard where something is to be mended. */
  focusFault(): void {
    const wrong = this.element.querySelector<HTMLElement>(".share-part[data-wrong] input") ?? this.element.querySelector("input");
    wrong?.focus();
  }

  #text(what: "name" | "code"): HTMLInputElement {
    const { row, onInput } = this.#options;
    const input = textInput(row[what], { class: `share-${what}`, "aria-label": () => t(what), placeholder: () => t(what), maxlength: what === "code" ? "40" : "200" });
    input.addEventListener("input", () => {
      row[what] = input.value;
      onInput();
    });
    return input;
  }

  #part(part: PartRow, position: number): HTMLElement {
    const { row, onLines } = this.#options;
    const remove = () => {
      row.parts.splice(position, 1);
      onLines();
    };
    const words = t("removePart");
    return h(
      "div",
      { class: "share-part" },
      this.#buildingSelect(part),
      this.#partText(part, "entrances"),
      h("span", { class: "share-floors" }, this.#partText(part, "lowest"), "–", this.#partText(part, "highest"), () => t("floorUnit")),
      ...(row.parts.length > 1 ? [button(() => "✕", remove, { class: "quiet small-button", "aria-label": words, title: words })] : []),
    );
  }

  #buildingSelect(part: PartRow): HTMLSelectElement {
    const { buildings, onInput } = this.#options;
    const options = buildings.map((building) => h("option", { value: building.id, selected: building.id === part.building }, () => labelOf(building)));
    const select = h("select", { class: "share-building", "aria-label": () => t("building"), title: () => t("building") }, ...options);
    select.addEventListener("change", () => {
      part.building = Number(select.value);
      onInput();
    });
    return select;
  }

  #partText(part: PartRow, what: "entrances" | "lowest" | "highest"): HTMLInputElement {
    const isFloor = what !== "entrances";
    const words = () => (isFloor ? `${t("floorsOf")} ${t(what)}` : t("entrances"));
    const placeholder = () => (isFloor ? t(what) : t("entrancesAllOf"));
    const input = textInput(part[what], { class: `share-${what}`, "aria-label": words, title: words, placeholder, ...(isFloor && { inputmode: "numeric", maxlength: "4" }) });
    input.addEventListener("input", () => {
      part[what] = input.value;
      this.#options.onInput();
    });
    return input;
  }

  #adding(): HTMLElement {
    const { row, buildings, onLines } = this.#options;
    const add = () => {
      const building = row.parts.at(-1)?.building ?? buildings[0]?.id ?? 0;
      row.parts.push({ building, entrances: "", lowest: "", highest: "" });
      onLines();
    };
    return button(() => t("addPart"), add, { class: "quiet small-button" });
  }
}
