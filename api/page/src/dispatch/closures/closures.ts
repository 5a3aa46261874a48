// Closures: everybody sees what is closed and for how long; those who may, draw, extend and end.

import { h } from "../../dom";
import { NOTHING } from "../../map/styles/answers";
import type { FreehandHands } from "../../map/freehand";
import type { Found, LonLat } from "../../map/view";
import type { ClosuresPicture } from "../../map/styles/closures";
import { ServerError } from "../../server";
import { closureRow, type Act } from "./rows";
import { ClosureForm } from "./form";
import { endClosure, extendClosure, readClosures, type Closures } from "./server";
import { tc } from "./texts";

const TICK_MS = 5_000;
const HALF_HOUR_MS = 30 * 60_000;

interface Options {
  timeZone: string;
  hasMap: boolean;
  onDraw: (picture: ClosuresPicture) => void;
  onLookAt: (points: LonLat[]) => void;
  /** Lines are drawn by hand on the map from now on; null: they aren't. */
  onFreehand: (hands: FreehandHands | null) => void;
  /** While somebody draws, the panel is the form's and clicks are corners. */
  onDrawing: (drawing: boolean) => void;
  /** Streets have been closed or opened by whoever looks at this page. */
  onChanged: () => void;
}

export class ClosuresPanel {
  readonly element: HTMLElement;
  readonly #options: Options;
  readonly #list = h("ul", { class: "closure-list" });
  readonly #fault = h("p", { class: "fault", role: "alert", hidden: true });
  readonly #begin: HTMLElement;
  readonly #title = h("h2", {}, () => tc("title"));
  #form: ClosureForm | null = null;
  #closures: Closures | null = null;
  #drawn: ClosuresPicture = { now: NOTHING, preview: NOTHING, sketch: NOTHING };

  constructor(options: Options) {
    this.#options = options;
    this.#begin = h(
      "button",
      { type: "button", hidden: true, onclick: () => this.#open() },
      () => tc("begin"),
    );
    this.element = h(
      "section",
      { class: "closures", hidden: true },
      h("div", { class: "closures-head" }, this.#title, this.#begin),
      this.#fault,
      this.#list,
    );
    window.setInterval(() => this.#tick(), TICK_MS);
  }

  /** Whether clicks on the map belong to a drawing. */
  get isDrawing(): boolean {
    return this.#form !== null;
  }

  click(at: LonLat, found: readonly Found[]): void {
    this.#form?.click(at, found);
  }

  /** Out of the drawing; nothing is closed. */
  cancel(): void {
    this.#form?.cancel();
  }

  async refresh(): Promise<void> {
    try {
      this.#closures = await readClosures();
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      return;
    }
    this.#show();
  }

  #show(): void {
    const { features = [], may_close = false } = this.#closures ?? {};
    const now = Date.now();
    const ahead = features.filter(({ properties: { ends } }) => !ends || Date.parse(ends) > now);
    this.#begin.hidden = !may_close || !this.#options.hasMap;
    this.element.hidden = !may_close && !ahead.length;
    const rows = ahead.map((each) => closureRow(each, this.#options.timeZone, may_close ? this.#acts : null, this.#options.onLookAt));
    this.#list.replaceChildren(
      ...(rows.length ? rows : [h("li", { class: "hint" }, () => tc("none"))]),
    );
    const holding = ahead.filter(({ properties: { starts } }) => Date.parse(starts) <= now);
    this.#draw({ now: { type: "FeatureCollection", features: holding } });
  }

  /** Time goes on: counts go down, what has begun or ended appears or goes. */
  #tick(): void {
    if (document.hidden || !this.#closures?.features.length) return;
    // A row under a finger or the keyboard stays.
    if (!this.#list.contains(document.activeElement)) this.#show();
  }

  #acts: Act = {
    end: (id) => this.#do(() => endClosure(id)),
    extend: (id, ends) => {
      const from = Math.max(Date.now(), ends ? Date.parse(ends) : 0);
      return this.#do(() => extendClosure(id, new Date(from + HALF_HOUR_MS).toISOString()));
    },
  };

  async #do(act: () => Promise<unknown>): Promise<void> {
    this.#fault.hidden = true;
    try {
      await act();
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.#fault.hidden = false;
      this.#fault.textContent = error.message;
    }
    await this.refresh();
    this.#options.onChanged();
  }

  #open(): void {
    this.#form = new ClosureForm({
      timeZone: this.#options.timeZone,
      onDraw: (sketch, preview) => this.#draw({ sketch, preview }),
      onFreehand: this.#options.onFreehand,
      onDone: (added) => this.#close(added),
    });
    this.element.append(this.#form.element);
    this.element.toggleAttribute("data-drawing", true);
    this.#options.onDrawing(true);
    this.#form.element.querySelector("button")?.focus({ preventScroll: true });
  }

  #close(added: boolean): void {
    this.#form?.element.remove();
    this.#form = null;
    this.element.toggleAttribute("data-drawing", false);
    this.#options.onDrawing(false);
    this.#begin.focus({ preventScroll: true });
    this.#draw({ sketch: NOTHING, preview: NOTHING });
    if (added) void this.#do(async () => {});
  }

  #draw(change: Partial<ClosuresPicture>): void {
    this.#drawn = { ...this.#drawn, ...change };
    this.#options.onDraw(this.#drawn);
  }
}
