// Several incidents at once: the best assignment, for the dispatcher to follow or not. Nothing is
// ever sent by itself.

import { h, live } from "../../dom";
import type { LonLat } from "../../map/view";
import { ServerError } from "../../server";
import type { KnownIncident } from "../nearest/ordering";
import { Rereading } from "../rereading";
import { adviceRow, both, nameOf, t } from "./rows";
import { order, readSuggestion, withdraw, type Advice, type Option, type Suggestion } from "./server";

// Fewer need no weighing up.
const FEWEST = 2;
const SHOWN = 8;
// Responders move all the time, which is looked at now and then; the rest at once.
const AGAIN_MS = 5_000;
const SOON_MS = 1_000;
// Rows don't jump under the finger: as long after the last touch nothing is drawn anew.
const STILL_MS = 2_000;
const CONFIRM_MS = 4_000;
const TOUCHES = ["incidents", "orders", "closures", "streets"];

interface Options {
  onLookAt: (at: LonLat, incident: KnownIncident) => void;
}

export class AssignmentPanel {
  readonly element: HTMLElement;
  readonly #options: Options;
  readonly #words = h("p", { class: "verdict" });
  readonly #rows = h("ul", { class: "advices" });
  readonly #fault = h("p", { class: "fault", role: "alert", hidden: true });
  readonly #all = h("button", { type: "button", class: "primary all", onclick: () => this.#pressAll() });
  readonly #rereading = new Rereading(() => this.refresh(), AGAIN_MS);
  #suggestion: Suggestion | null = null;
  #isSure = false;
  #isOrdering = false;
  #isGone = false;
  #touchedAt = -Infinity;

  constructor(options: Options) {
    this.#options = options;
    const touched = () => (this.#touchedAt = performance.now());
    this.element = h(
      "section",
      {
        class: "assignment",
        hidden: true,
        onpointermove: touched,
        onpointerdown: touched,
        onkeydown: touched,
      },
      h("h2", {}, () => t("title")),
      this.#words,
      this.#fault,
      this.#rows,
      this.#all,
    );
    live(this.#all, () => this.#nameAll());
  }

  /** Something has changed in some layers, or in any. */
  changed(touched: ReadonlySet<string> | null): void {
    if (!touched || TOUCHES.some((id) => touched.has(id))) this.#rereading.within(SOON_MS);
  }

  async refresh(): Promise<void> {
    if (this.#isGone || this.#isOrdering) return;
    try {
      const found = await readSuggestion();
      this.#isGone = found === null;
      const isStill = performance.now() - this.#touchedAt > STILL_MS;
      if (found && !this.#isOrdering && (isStill || this.element.hidden)) this.#show(found);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
    }
    if (!this.#isGone) this.#rereading.again();
  }

  #show(found: Suggestion): void {
    this.#suggestion = found;
    this.element.hidden = found.incidents.length < FEWEST;
    if (this.element.hidden) return;
    const open = new Set(
      [...this.#rows.querySelectorAll<HTMLElement>("li:has(> details[open])")].map((row) => row.dataset.incident),
    );
    const late = found.incidents.some(({ suggested }) => !suggested?.in_time);
    this.#words.className = late ? "verdict late" : "verdict in-time";
    this.#words.replaceChildren(h("span", {}, both(found.words)));
    const hands = {
      onOrder: (advice: Advice, option: Option) => void this.#order([[advice, option]]),
      onLookAt: (advice: Advice) =>
        this.#options.onLookAt([advice.lon, advice.lat], { id: advice.id, name: nameOf(advice) }),
    };
    const rows = found.incidents
      .slice(0, SHOWN)
      .map((advice) => adviceRow(advice, open.has(String(advice.id)), hands));
    const further = found.incidents.length - SHOWN;
    if (further > 0) rows.push(h("li", { class: "small" }, () => t("further", { n: further })));
    this.#rows.replaceChildren(...rows);
    this.#nameAll();
  }

  #wanted(): [Advice, Option][] {
    const incidents = this.#suggestion?.incidents ?? [];
    return incidents.flatMap((advice) =>
      advice.suggested && (advice.action === "order" || advice.action === "reassign")
        ? [[advice, advice.suggested] as [Advice, Option]]
        : [],
    );
  }

  #nameAll(): void {
    const n = this.#wanted().length;
    this.#all.hidden = n < FEWEST;
    this.#all.disabled = this.#isOrdering;
    this.#all.toggleAttribute("data-sure", this.#isSure);
    this.#all.textContent = t(this.#isOrdering ? "ordering" : this.#isSure ? "confirmAll" : "orderAll", { n });
  }

  /** One press arms, the next sends: several orders don't leave by a slip. */
  #pressAll(): void {
    if (this.#isSure) {
      this.#isSure = false;
      void this.#order(this.#wanted());
      return;
    }
    this.#isSure = true;
    this.#nameAll();
    window.setTimeout(() => {
      this.#isSure = false;
      this.#nameAll();
    }, CONFIRM_MS);
  }

  async #order(wanted: readonly [Advice, Option][]): Promise<void> {
    this.#isOrdering = true;
    this.#nameAll();
    const faults: string[] = [];
    const ended = new Set<number>();
    for (const [advice, option] of wanted) {
      await this.#orderOne(advice, option, ended).catch((error: unknown) => {
        if (!(error instanceof ServerError)) throw error;
        faults.push(t("failed", { what: nameOf(advice)(), why: error.message }));
      });
    }
    this.#fault.textContent = faults.join("; ");
    this.#fault.hidden = !faults.length;
    this.#isOrdering = false;
    this.#touchedAt = -Infinity;
    await this.refresh();
  }

  /** Whoever is turned from another incident is free only when that order is off. */
  async #orderOne(advice: Advice, option: Option, ended: Set<number>): Promise<void> {
    const reason = t(option.key === advice.suggested?.key ? "reason" : "reasonOther");
    const held = this.#suggestion?.incidents.find((each) => each.responder === option.key && each.id !== advice.id);
    if (held && held.order !== null && !ended.has(held.order)) {
      await withdraw(held.order, reason);
      ended.add(held.order);
    }
    const own = advice.order !== null && !ended.has(advice.order) ? advice.order : null;
    await order(advice.id, own, option.key, reason);
    if (own !== null) ended.add(own);
  }
}
