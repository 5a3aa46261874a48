// Open incidents on which nobody is, with how long they wait: one press asks who can be there first.

import "./waiting.css";
import { h } from "../../dom";
import { count } from "../../format";
import { onLanguage, pick } from "../../language";
import type { LonLat } from "../../map/view";
import { ServerError } from "../../server";
import type { KnownIncident } from "../nearest/ordering";
import { Rereading } from "../rereading";
import { readUnattended, type Unattended, type WaitingIncident } from "./server";
import { t } from "./texts";

const AGAIN_MS = 10_000;
const SOON_MS = 300;
const TICK_MS = 1_000;
const TOUCHES = ["incidents", "orders"];
const MOST = 200;
// Of those reported here, until all are asked for; and of imported ones.
const SHOWN = 4;
const SHOWN_IMPORTED = 6;

interface Options {
  onPick: (at: LonLat, incident: KnownIncident) => void;
}

export class WaitingPanel {
  /** What was reported here: an alarm. */
  readonly element: HTMLElement;
  /** What files said to be open. */
  readonly imported: HTMLElement;
  readonly #options: Options;
  readonly #title = h("h2", { role: "status" });
  readonly #rows = h("ul", {});
  readonly #all = h("button", { type: "button", class: "quiet", onclick: () => this.#showAll() });
  readonly #importedTitle = h("h2", {});
  readonly #importedRows = h("ul", {});
  readonly #rereading = new Rereading(() => this.refresh(), AGAIN_MS);
  #found: Unattended = { reported: 0, imported: 0, incidents: [] };
  #readAt = 0;
  #isAll = false;
  #isGone = true;

  constructor(options: Options) {
    this.#options = options;
    this.element = h("section", { class: "unattended", hidden: true }, this.#title, this.#rows, this.#all);
    this.imported = h("section", { class: "imported-incidents", hidden: true }, this.#importedTitle, this.#importedRows);
    onLanguage(() => this.#draw());
    window.setInterval(() => this.#tick(), TICK_MS);
  }

  /** Something has changed in some layers, or in any. */
  changed(touched: ReadonlySet<string> | null): void {
    if (!this.#isGone && (!touched || TOUCHES.some((id) => touched.has(id)))) this.#rereading.within(SOON_MS);
  }

  /** Read them; again and again, unless they are not for this visitor. */
  async refresh(): Promise<void> {
    try {
      const found = await readUnattended(MOST);
      this.#isGone = found === null;
      if (found) this.#take(found);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
    }
    if (!this.#isGone) this.#rereading.again();
  }

  /** Rows stay as they are, under a finger or a reader, as long as only time has passed. */
  #take(found: Unattended): void {
    const isNew = withoutTime(found) !== withoutTime(this.#found);
    this.#found = found;
    this.#readAt = performance.now();
    if (isNew) this.#draw();
  }

  #draw(): void {
    const { reported, imported, incidents } = this.#found;
    const here = incidents.filter(({ number }) => number !== null);
    const others = incidents.filter(({ number }) => number === null);
    this.element.hidden = reported === 0;
    this.#title.textContent = t("title", { n: count(reported) });
    this.#rows.replaceChildren(...here.slice(0, this.#isAll ? MOST : SHOWN).map((each) => this.#row(each)));
    this.#all.hidden = this.#isAll || reported <= SHOWN;
    this.#all.textContent = t("further", { n: count(reported) });
    this.imported.hidden = imported === 0;
    this.#importedTitle.textContent = t("imported", { n: count(imported) });
    this.#importedRows.replaceChildren(...others.slice(0, SHOWN_IMPORTED).map((each) => this.#row(each)));
  }

  #row(incident: WaitingIncident): HTMLElement {
    const { id, lon, lat, severity, number, place, place_en } = incident;
    const name = () => nameOf(incident);
    const title = [number, t("look")].filter(Boolean).join(" · ");
    return h(
      "li",
      { "data-incident": id },
      h(
        "button",
        { type: "button", class: "quiet", title, onclick: () => this.#options.onPick([lon, lat], { id, name }) },
        h("span", { class: "severity", "data-severity": severity }, t("severity", { n: severity })),
        h("span", { class: "what" }, h("strong", {}, name()), h("span", { class: "small" }, pick(place ?? "", place_en))),
        h("span", { class: "number" }, this.#waits(incident)),
      ),
    );
  }

  /** Seconds count on between two readings. */
  #tick(): void {
    if (document.hidden || (this.element.hidden && this.imported.hidden)) return;
    for (const incident of this.#found.incidents) {
      for (const rows of [this.#rows, this.#importedRows]) {
        const place = rows.querySelector(`[data-incident="${incident.id}"] .number`);
        if (place) place.textContent = this.#waits(incident);
      }
    }
  }

  #waits({ waited_s }: WaitingIncident): string {
    return t("waits", { time: elapsed(waited_s + (performance.now() - this.#readAt) / 1000) });
  }

  #showAll(): void {
    this.#isAll = true;
    this.#draw();
  }
}

function withoutTime({ reported, imported, incidents }: Unattended): string {
  return JSON.stringify([reported, imported, incidents.map((each) => ({ ...each, waited_s: 0 }))]);
}

function nameOf({ title, category }: WaitingIncident): string {
  return title ?? pick(category.zh, category.en);
}

/** Minutes and seconds within the hour; later nobody counts seconds. */
function elapsed(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${String(Math.floor(seconds) % 60).padStart(2, "0")}`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? t("hours", { n: hours }) : t("days", { n: Math.floor(hours / 24) });
}
