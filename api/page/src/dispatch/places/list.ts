// What was found, as a list to choose from with arrows or a finger.

import { drawing, h } from "../../dom";
import { pick } from "../../language";
import type { Place } from "./contract";
import { CROSS, kindIcon } from "./icons";
import { kindName, words } from "./texts";

interface Options {
  onChoose: (place: Place) => void;
  /** Take an alias away; null where this visitor may not. */
  onRemove: (() => ((place: Place) => void) | null) | null;
}

export class PlaceList {
  readonly element = h("ul", { class: "place-list", role: "listbox", id: "place-list", "aria-label": () => words("search") });
  readonly #options: Options;
  #places: Place[] = [];
  #active = -1;

  constructor(options: Options) {
    this.#options = options;
  }

  get first(): Place | undefined {
    return this.#places[0];
  }

  get active(): Place | undefined {
    return this.#places[this.#active];
  }

  /** The id of the active row, for aria-activedescendant. */
  get activeId(): string {
    return this.#active < 0 ? "" : rowId(this.#active);
  }

  show(places: Place[]): void {
    this.#places = places;
    this.#active = -1;
    this.element.replaceChildren(...places.map((place, i) => this.#row(place, i, places[i - 1])));
  }

  /** Make the next row active, or the one before; round and round. */
  step(by: 1 | -1): void {
    const count = this.#places.length;
    if (!count) return;
    const from = this.#active < 0 && by < 0 ? 0 : this.#active;
    this.#activate((from + by + count) % count);
  }

  #activate(index: number): void {
    this.#active = index;
    [...this.element.children].forEach((row, i) => row.setAttribute("aria-selected", String(i === index)));
    this.element.children[index]?.scrollIntoView({ block: "nearest" });
  }

  #row(place: Place, index: number, before: Place | undefined): HTMLElement {
    const label = h("span", { class: "place-label" }, place.label);
    if (place.inner) label.append(h("span", { class: "place-inner" }, () => words("part", { inner: place.inner })));
    const row = h(
      "li",
      {
        role: "option",
        id: rowId(index),
        "aria-selected": "false",
        "data-kind": place.kind,
        "data-id": place.id,
        // A new kind begins a group, by a thin line.
        "data-begins": before !== undefined && before.kind !== place.kind,
        onpointermove: () => this.#active !== index && this.#activate(index),
        // The box keeps the focus.
        onmousedown: (event: MouseEvent) => event.preventDefault(),
        onclick: () => this.#options.onChoose(place),
      },
      kindIcon(place.kind),
      h("span", { class: "place-text" }, label, this.#detail(place)),
      h("span", { class: "place-kind" }, () => kindName(place.kind)),
    );
    const remove = place.kind === "alias" ? this.#options.onRemove?.() : null;
    if (remove) row.append(removeButton(place, remove));
    return row;
  }

  #detail(place: Place): HTMLElement | null {
    const away = () => (place.in_town === false ? ` · ${words("notInTown")}` : "");
    if (!place.detail && place.in_town !== false) return null;
    return h("span", { class: "place-detail" }, () => pick(place.detail, place.detail_en) + away());
  }
}

function rowId(index: number): string {
  return `place-${index}`;
}

function removeButton(place: Place, remove: (place: Place) => void): HTMLElement {
  const press = (event: Event) => {
    event.stopPropagation();
    remove(place);
  };
  const label = () => words("removeAlias", { text: place.label });
  return h(
    "button",
    { type: "button", class: "icon quiet", "aria-label": label, title: label, onclick: press },
    drawing(CROSS, 24),
  );
}
