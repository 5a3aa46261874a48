// One box that finds where it is while the caller is still speaking.

import "./places.css";
import { drawing, h } from "../../dom";
import type { LonLat } from "../../map/view";
import { ServerError } from "../../server";
import type { Place, PlacesAnswer } from "./contract";
import { CROSS, MAGNIFIER } from "./icons";
import { PlaceList } from "./list";
import { addAlias, findPlaces, mayName, removeAlias } from "./server";
import { words } from "./texts";

const PAUSE_MS = 60;

interface Options {
  /** The middle of the map: namesakes near it come first. */
  near: () => LonLat | null;
  /** The spot that is looked at, which a new alias would name; absent where none is given. */
  spot?: () => LonLat | null;
  onChoose: (at: LonLat, place: Place) => void;
}

export class PlaceSearch {
  readonly element: HTMLElement;
  readonly #options: Options;
  readonly #box: HTMLInputElement;
  readonly #list: PlaceList;
  readonly #note = h("p", { class: "place-note", role: "status" });
  readonly #alias = h("button", { type: "button", class: "place-alias", hidden: true });
  readonly #drop: HTMLElement;
  #asking: AbortController | null = null;
  #pause = 0;
  #text = "";
  /** Enter came before the answer: its first place is taken. */
  #hurried = false;
  #mayName: boolean | null = null;

  constructor(options: Options) {
    this.#options = options;
    this.#list = new PlaceList({
      onChoose: (place) => this.#choose(place),
      onRemove: () => (this.#mayName ? (place) => void this.#remove(place) : null),
    });
    this.#box = this.#makeBox();
    this.#drop = h("div", { class: "place-drop", hidden: true }, this.#note, this.#list.element, this.#alias);
    this.#alias.addEventListener("mousedown", (event) => event.preventDefault());
    this.#alias.addEventListener("click", () => void this.#add());
    const empty = h(
      "button",
      { type: "button", class: "icon quiet place-empty", "aria-label": () => words("empty"), onclick: () => this.#empty() },
      drawing(CROSS, 24),
    );
    this.element = h(
      "div",
      { class: "place-search", role: "search" },
      h("div", { class: "place-field" }, drawing(MAGNIFIER, 24, { class: "place-glass" }), this.#box, empty),
      this.#drop,
    );
    document.addEventListener("keydown", this.#begin);
  }

  #makeBox(): HTMLInputElement {
    return h("input", {
      type: "text",
      id: "place",
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      enterkeyhint: "search",
      maxlength: 120,
      "aria-label": () => words("search"),
      "aria-autocomplete": "list",
      "aria-controls": "place-list",
      "aria-expanded": "false",
      placeholder: () => words("placeholder"),
      title: () => `${words("accepts")}\n${words("hint")}`,
      oninput: () => this.#typed(),
      onfocus: () => (this.#box.value ? this.#open(this.#text !== "") : this.#say(words("accepts"))),
      onblur: () => this.#open(false),
      onkeydown: (event: KeyboardEvent) => this.#press(event),
    });
  }

  /** The key / begins a search from anywhere but another field. */
  #begin = (event: KeyboardEvent): void => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = event.target as HTMLElement;
    if (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName)) return;
    event.preventDefault();
    this.#box.focus();
    this.#box.select();
  };

  #press(event: KeyboardEvent): void {
    // Keys that choose among characters belong to the input method.
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key] as 1 | -1 | undefined;
    if (step) {
      event.preventDefault();
      this.#open(true);
      this.#list.step(step);
      this.#box.setAttribute("aria-activedescendant", this.#list.activeId);
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.#take();
    } else if (event.key === "Escape") {
      if (this.#drop.hidden) this.#empty();
      else this.#open(false);
    }
  }

  #take(): void {
    const place = this.#list.active ?? this.#list.first;
    if (this.#asking || this.#pause) this.#hurried = !this.#list.active;
    if (place && !this.#hurried) this.#choose(place);
  }

  #typed(): void {
    this.#text = this.#box.value.trim();
    this.#hurried = false;
    this.#asking?.abort();
    this.#asking = null;
    clearTimeout(this.#pause);
    this.#pause = 0;
    if (this.#text) this.#pause = window.setTimeout(() => void this.#ask(), PAUSE_MS);
    else this.#show({ places: [], asks: [] });
  }

  async #ask(): Promise<void> {
    this.#pause = 0;
    const asking = (this.#asking = new AbortController());
    try {
      this.#mayName ??= await mayName();
      const answer = await findPlaces(this.#text, this.#options.near(), asking.signal);
      if (asking !== this.#asking) return;
      this.#asking = null;
      this.#show(answer);
      const first = answer.places[0];
      if (this.#hurried && first && !answer.asks.length) this.#choose(first);
      this.#hurried = false;
    } catch (error) {
      if (asking.signal.aborted) return;
      if (!(error instanceof ServerError)) throw error;
      this.#asking = null;
      this.#say(error.message);
    }
  }

  #show({ places, asks }: PlacesAnswer): void {
    this.#list.show(places);
    this.#box.removeAttribute("aria-activedescendant");
    const text = this.#text;
    const isNew = text !== "" && !asks.length && !places.some(({ label, kind }) => label === text && kind === "alias");
    this.#offerAlias(isNew ? text : "");
    if (asks.length) this.#say(words(asks.includes("order") ? "asksOrder" : "asksDatum"));
    else if (text && !places.length) this.#say(this.#nothing(text));
    else this.#say("");
    this.#open(text !== "");
  }

  #nothing(text: string): string {
    const nothing = words("nothing", { text });
    return this.#mayName && this.#options.spot ? `${nothing}${words("nothingHow")}` : nothing;
  }

  #offerAlias(text: string): void {
    this.#alias.hidden = !text || !this.#mayName || !this.#options.spot?.();
    this.#alias.textContent = text ? words("addAlias", { text }) : "";
  }

  #choose(place: Place): void {
    this.#box.value = place.label;
    this.#text = "";
    this.#open(false);
    this.#box.blur();
    this.#options.onChoose([place.lon, place.lat], place);
  }

  async #add(): Promise<void> {
    const spot = this.#options.spot?.();
    if (spot) await this.#tell(addAlias(this.#text, spot), () => this.#say(words("added")));
    this.#alias.hidden = true;
  }

  async #remove(place: Place): Promise<void> {
    await this.#tell(removeAlias(place.id), () => this.#typed());
  }

  async #tell(told: Promise<void>, then: () => void): Promise<void> {
    try {
      await told;
      then();
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.#say(error.message);
    }
  }

  #say(text: string): void {
    this.#note.textContent = text;
    this.#note.hidden = !text;
    if (text) this.#open(true);
  }

  #empty(): void {
    this.#box.value = "";
    this.#typed();
    this.#box.focus();
  }

  #open(open: boolean): void {
    this.#drop.hidden = !open;
    this.#box.setAttribute("aria-expanded", String(open));
  }
}
