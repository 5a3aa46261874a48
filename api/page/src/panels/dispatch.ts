// Who can be there first: a point by click, by the search box or by position; the answer as a list.

import type { NearestAnswer, Town } from "../contract";
import { Filters } from "../dispatch/nearest/filters";
import { OrderBox, type KnownIncident } from "../dispatch/nearest/ordering";
import { further, leftOut, neighbours, verdict } from "../dispatch/nearest/verdict";
import { WhatIfBox, type Supposing } from "../dispatch/nearest/what-if";
import { t as nearest } from "../dispatch/nearest/words";
import { h, live } from "../dom";
import { coordinates, metres } from "../format";
import { t, type Words } from "../language";
import type { LonLat } from "../map/view";
import { findNearest } from "../server";
import { Asker } from "./answer";
import { signInLink } from "./account";
import { responderRow } from "./responders";
import { whereIs } from "./where";

const COUNTS = [3, 5, 10];
const DEFAULT_COUNT = 5;
const NEAR_STREET_M = 50;

interface Options {
  town: Town;
  hasMap: boolean;
  /** Whether this visitor may ask who is nearest. */
  mayAsk: boolean;
  signedIn: boolean;
  /** Draw the question's point and, once it is there, the answer; null clears both. */
  onShow: (at: LonLat | null, answer: NearestAnswer | null) => void;
  /** Something is supposed, or waited for. */
  onSuppose: (supposing: Supposing) => void;
  /** One responder of the list is looked at. */
  onLookAt: (key: string | null) => void;
}

export class DispatchPanel {
  readonly element: HTMLElement;
  readonly #options: Options;
  readonly #spot = h("p", { class: "small spot" });
  readonly #fault = h("p", { class: "fault", role: "alert", hidden: true });
  readonly #where = h("div", { class: "where" });
  readonly #answer = h("div", { class: "answer", "aria-live": "polite" });
  readonly #count: HTMLSelectElement;
  readonly #asker = new Asker(this.#answer);
  readonly #filters: Filters;
  readonly #whatIf: WhatIfBox;
  readonly #order: OrderBox;
  #at: LonLat | null = null;
  #found: NearestAnswer | null = null;
  /** A place was just pressed, and its answer isn't there yet. */
  #isNew = false;

  constructor(options: Options) {
    this.#options = options;
    this.#filters = new Filters(options.town, () => this.again());
    this.#whatIf = new WhatIfBox({
      hasMap: options.hasMap,
      onChange: () => this.again(),
      onShow: options.onSuppose,
    });
    this.#order = new OrderBox(options.town);
    this.#count = h(
      "select",
      { "aria-label": () => t("howMany"), onchange: () => this.again() },
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
      this.#spot,
      this.#where,
      this.#answer,
      this.#order.element,
      this.#whatIf.element,
      this.#whatIf.bar,
    );
  }

  /** Ask who can be at a point first, or take it for what a supposition was waiting for. */
  pick(at: LonLat, incident: KnownIncident | null = null): void {
    if (this.#whatIf.takes(at)) return;
    this.#order.turnTo(at, incident);
    this.#isNew = true;
    this.#ask(at);
    this.element.scrollIntoView({ block: "start" });
  }

  /** One of the list, or of the map, is looked at: it may be sent, or thought away. */
  lookAt(key: string | null): void {
    const responders = this.#found?.responders ?? [];
    const chosen = responders.find((each) => each.key === key) ?? null;
    this.#whatIf.choose(chosen);
    this.#order.offer(this.#whatIf.isOn ? null : chosen, responders[0]?.key ?? null);
  }

  /** By a key: look at the nth of the list, ready to be sent. */
  lookAtNth(n: number): void {
    const key = this.#found?.responders[n - 1]?.key;
    if (key === undefined) return;
    this.#options.onLookAt(key);
    this.#answer.querySelector(`[data-key="${CSS.escape(key)}"]`)?.scrollIntoView({ block: "nearest" });
    this.#order.focus();
  }

  /** One step back from what is supposed: whether there was one. */
  leaveWhatIf(): boolean {
    return this.#whatIf.leave();
  }

  /** Ask the same again: something has changed. */
  again(): void {
    if (this.#at) this.#ask(this.#at);
  }

  #ask(at: LonLat): void {
    this.#at = at;
    this.#spot.textContent = coordinates(...at);
    this.#say(null);
    this.element.toggleAttribute("data-answered", true);
    this.#options.onShow(at, null);
    whereIs(at, this.#where);
    const what_if = this.#whatIf.supposed();
    const question = {
      lon: at[0],
      lat: at[1],
      k: Number(this.#count.value),
      ...this.#filters.asked(),
      ...(what_if && { what_if }),
    };
    this.#answer.replaceChildren(h("p", { class: "loading" }, () => t("loading")));
    void this.#asker.ask(
      (signal) => findNearest(question, signal),
      (answer) => this.#show(at, answer),
    );
  }

  clear(): void {
    this.#at = null;
    this.#asker.stop();
    this.#spot.textContent = "";
    this.#say(null);
    this.#where.replaceChildren();
    this.element.toggleAttribute("data-answered", false);
    this.#answer.replaceChildren();
    this.#found = null;
    this.#whatIf.clear();
    this.#order.turnTo(null);
    this.#options.onShow(null, null);
  }

  #form(): HTMLElement {
    return h(
      "div",
      { class: "entry" },
      h(
        "div",
        { class: "entry-row" },
        h("button", { type: "button", onclick: () => this.#locate() }, () => t("usePosition")),
        h("label", { class: "count" }, () => t("howMany"), this.#count),
        h("button", { type: "button", class: "quiet", onclick: () => this.clear() }, () => t("clear")),
      ),
      this.#filters.element,
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
    this.#found = answer;
    this.#options.onShow(at, answer);
    const isNew = this.#isNew;
    this.#isNew = false;
    const { departments } = this.#options.town;
    const rows = answer.responders.map((each, i) =>
      responderRow(each, i + 1, departments, this.#options.onLookAt),
    );
    this.#answer.replaceChildren(
      verdict(answer),
      h("ol", { class: "responders" }, ...rows),
      h("p", { class: "small keys-hint" }, () => nearest("keys")),
      ...further(answer.further),
      ...neighbours(answer.neighbours),
      ...leftOut(answer.left_out),
      ...snapNote(answer),
    );
    this.lookAt(answer.responders[0]?.key ?? null);
    // The browser holds what stood below; who was just asked about is what one wants to see.
    if (isNew) this.element.scrollIntoView({ block: "start" });
  }
}

/** Said only where the point lies well off the street it was snapped to. */
function snapNote({ incident }: NearestAnswer): HTMLElement[] {
  const distance_m = Math.min(...Object.values(incident.snap).map((snap) => snap.distance_m));
  if (distance_m < NEAR_STREET_M || distance_m === Infinity) return [];
  return [h("p", { class: "small note" }, () => t("offStreet", { distance: metres(distance_m) }))];
}
