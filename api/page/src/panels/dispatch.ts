// Who can be there first: a point by click, by coordinates or by position, and the answer as a list.

import type { NearestAnswer, Town } from "../contract";
import { h, live } from "../dom";
import { coordinates, metres, minutes } from "../format";
import { t, type Words } from "../language";
import type { LonLat } from "../map/view";
import { findNearest } from "../server";
import { Asker } from "./answer";
import { openIncidents } from "./open-incidents";
import { readCoordinates } from "./coordinates";
import { signInLink } from "./account";
import { responderRow, unreachableRows } from "./responders";
import { whereIs } from "./where";

const COUNTS = [3, 5, 10];
const DEFAULT_COUNT = 5;
const NEAR_STREET_M = 50;

interface Options {
  town: Town;
  hasMap: boolean;
  /** Whether this visitor may see incidents. */
  hasIncidents: boolean;
  /** Whether this visitor may ask who is nearest. */
  mayAsk: boolean;
  signedIn: boolean;
  /** Draw the question's point and, once it is there, the answer; null clears both. */
  onShow: (at: LonLat | null, answer: NearestAnswer | null) => void;
  /** One responder of the list is looked at. */
  onLookAt: (key: string | null) => void;
}

export class DispatchPanel {
  readonly element: HTMLElement;
  readonly #options: Options;
  readonly #entry: HTMLInputElement;
  readonly #fault = h("p", { class: "fault", role: "alert", hidden: true });
  readonly #where = h("div", { class: "where" });
  readonly #answer = h("div", { class: "answer", "aria-live": "polite" });
  readonly #count: HTMLSelectElement;
  readonly #asker = new Asker(this.#answer);
  #at: LonLat | null = null;

  constructor(options: Options) {
    this.#options = options;
    this.#entry = this.#makeEntry();
    this.#count = h(
      "select",
      { "aria-label": () => t("howMany"), onchange: () => this.#again() },
      ...COUNTS.map((k) => h("option", { value: k, selected: k === DEFAULT_COUNT }, String(k))),
    );
    const hint = () => t(options.hasMap ? "pickHint" : "pickHintNoMap");
    if (!options.mayAsk) {
      this.element = h(
        "div",
        { class: "dispatch" },
        h("p", { class: "hint" }, () => t(options.signedIn ? "nearestForOthers" : "nearestForStaff")),
        ...(options.signedIn ? [] : [signInLink()]),
      );
      return;
    }
    this.element = h(
      "div",
      { class: "dispatch" },
      h("p", { class: "hint" }, hint),
      this.#form(),
      this.#fault,
      this.#where,
      this.#answer,
      ...(options.hasIncidents ? [openIncidents(options.town, (at) => this.pick(at))] : []),
    );
  }

  /** Ask who can be at a point first. */
  pick(at: LonLat): void {
    this.#at = at;
    this.#entry.value = coordinates(...at);
    this.#say(null);
    this.element.toggleAttribute("data-answered", true);
    this.#options.onShow(at, null);
    whereIs(at, this.#where);
    const question = { lon: at[0], lat: at[1], k: Number(this.#count.value) };
    this.#answer.replaceChildren(h("p", { class: "loading" }, () => t("loading")));
    void this.#asker.ask(
      (signal) => findNearest(question, signal),
      (answer) => this.#show(at, answer),
    );
  }

  clear(): void {
    this.#at = null;
    this.#asker.stop();
    this.#entry.value = "";
    this.#say(null);
    this.#where.replaceChildren();
    this.element.toggleAttribute("data-answered", false);
    this.#answer.replaceChildren();
    this.#options.onShow(null, null);
  }

  #again(): void {
    if (this.#at) this.pick(this.#at);
  }

  #makeEntry(): HTMLInputElement {
    return h("input", {
      type: "text",
      inputmode: "text",
      autocomplete: "off",
      spellcheck: "false",
      id: "coordinates",
      placeholder: this.#example(),
    });
  }

  #example(): string {
    return coordinates(...(this.#options.town.center ?? [120.01, 29.2]));
  }

  #form(): HTMLElement {
    const typed = (event: Event) => {
      event.preventDefault();
      const at = readCoordinates(this.#entry.value);
      if (at) this.pick(at);
      else this.#say(() => t("coordinatesWrong", { example: this.#example() }));
    };
    return h(
      "form",
      { class: "entry", novalidate: true, onsubmit: typed },
      h("label", { for: "coordinates" }, () => t("coordinates")),
      h(
        "div",
        { class: "entry-row" },
        this.#entry,
        h("button", { type: "submit", class: "primary" }, () => t("find")),
      ),
      h(
        "div",
        { class: "entry-row" },
        h("button", { type: "button", onclick: () => this.#locate() }, () => t("usePosition")),
        h("label", { class: "count" }, () => t("howMany"), this.#count),
        h("button", { type: "button", class: "quiet", onclick: () => this.clear() }, () => t("clear")),
      ),
    );
  }

  #locate(): void {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => this.pick([coords.longitude, coords.latitude]),
      ({ message }) => this.#say(() => t("positionRefused", { why: message })),
      { enableHighAccuracy: true, timeout: 10_000 },
    );
  }

  #say(fault: Words | null): void {
    this.#fault.hidden = !fault;
    this.#fault.replaceChildren();
    if (fault) this.#fault.append(live(new Text(), (node) => (node.data = fault())));
  }

  #show(at: LonLat, answer: NearestAnswer): void {
    this.#options.onShow(at, answer);
    const { departments } = this.#options.town;
    const rows = answer.responders.map((each, i) =>
      responderRow(each, i + 1, departments, this.#options.onLookAt),
    );
    this.#answer.replaceChildren(
      summary(answer),
      h("ol", { class: "responders" }, ...rows),
      ...unreachableRows(answer.unreachable, departments),
      ...snapNote(answer),
    );
  }
}

/** The early word: whether three minutes can be met, and if not what can. */
function summary({ responders }: NearestAnswer): HTMLElement {
  const first = responders[0];
  if (!first) return h("p", { class: "verdict late" }, () => t("nobody"));
  const n = responders.filter((each) => each.holds_180_s).length;
  const words = n > 1 ? () => t("inTime", { n }) : () => t(n ? "inTimeOne" : "noneInTime");
  const quickest = { time: minutes(first.travel_time_s), who: first.label };
  return h(
    "p",
    { class: n ? "verdict in-time" : "verdict late" },
    h("strong", {}, words),
    h("span", {}, () => t("quickest", quickest)),
  );
}

/** Said only where the point lies well off the street it was snapped to. */
function snapNote({ incident }: NearestAnswer): HTMLElement[] {
  const distance_m = Math.min(...Object.values(incident.snap).map((snap) => snap.distance_m));
  if (distance_m < NEAR_STREET_M || distance_m === Infinity) return [];
  return [h("p", { class: "small note" }, () => t("offStreet", { distance: metres(distance_m) }))];
}
