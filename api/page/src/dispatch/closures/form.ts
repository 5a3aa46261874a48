// Drawing a closure: each stroke or click shows at once what would be closed; one press closes it.

import type { FeatureCollection } from "geojson";
import { h } from "../../dom";
import { metres } from "../../format";
import { pick } from "../../language";
import { NOTHING } from "../../map/styles/answers";
import type { FreehandHands } from "../../map/freehand";
import type { Found, LonLat } from "../../map/view";
import { ServerError } from "../../server";
import { addClosure, previewClosure, type Preview, type Where } from "./server";
import { ModesChoice } from "./modes";
import { Sketch, TOOLS, type Tool } from "./sketch";
import { tc, type ClosureText } from "./texts";
import { UntilChoice } from "./until";

const REASONS: readonly ClosureText[] = ["accident", "works", "fire", "water", "event", "other"];
const SHARES = [70, 50, 30];

interface Options {
  timeZone: string;
  onDraw: (sketch: FeatureCollection, preview: FeatureCollection) => void;
  /** Lines are drawn by hand from now on; null: they aren't. */
  onFreehand: (hands: FreehandHands | null) => void;
  onDone: (added: boolean) => void;
}

export class ClosureForm {
  readonly element: HTMLElement;
  readonly #options: Options;
  readonly #until: UntilChoice;
  readonly #reason = select(REASONS.map((each) => [each, () => tc(each)]));
  readonly #share = select(SHARES.map((each) => [String(each), () => `${each} %`]), "50");
  readonly #note = h("input", { type: "text", maxlength: 500, autocomplete: "off", placeholder: () => tc("note"), "aria-label": () => tc("note") });
  readonly #hint = h("p", { class: "hint" });
  readonly #told = h("div", { class: "closure-told", "aria-live": "polite" });
  readonly #confirm = h("button", { type: "submit", class: "closure-confirm", disabled: true });
  readonly #modes = new ModesChoice(() => void this.#look());
  #sketch = new Sketch("freehand");
  #kind: "closed" | "slow" = "closed";
  #preview: Preview | null = null;
  #fault: string | null = null;
  #asking: AbortController | null = null;

  constructor(options: Options) {
    this.#options = options;
    this.#until = new UntilChoice(options.timeZone);
    const slowness = h("label", { class: "closure-share", hidden: true }, () => tc("share"), this.#share);
    const kinds = segments("what", ["closed", "slow"] as const, "closed", (kind) => {
      this.#kind = kind;
      slowness.hidden = kind !== "slow";
      this.#tell();
    });
    const tools = segments("how", TOOLS, "freehand", (tool) => this.#take(tool));
    this.element = h(
      "form",
      { class: "closure-form", novalidate: true, onsubmit: (event: Event) => void this.#submit(event) },
      kinds,
      slowness,
      tools,
      this.#hint,
      this.#told,
      this.#until.element,
      this.#modes.element,
      h("div", { class: "closure-why" }, h("label", {}, () => tc("reason"), this.#reason), this.#note),
      h(
        "div",
        { class: "closure-buttons" },
        this.#confirm,
        h("button", { type: "button", onclick: () => this.#back() }, () => tc("back")),
        h("button", { type: "button", class: "quiet", onclick: () => this.cancel() }, () => tc("cancel")),
      ),
    );
    this.#take("freehand");
  }

  click(at: LonLat, found: readonly Found[]): void {
    if (this.#sketch.click(at, found)) void this.#look();
  }

  #take(tool: Tool): void {
    this.#sketch = new Sketch(tool);
    this.#hint.replaceChildren(h("span", {}, () => tc(`${tool}Hint`)));
    this.#options.onFreehand(tool === "freehand" ? this.#hand : null);
    void this.#look();
  }

  #hand: FreehandHands = {
    onTrace: (points) => this.#draw(points),
    onDone: (points) => {
      this.#sketch.stroke(points);
      void this.#look();
    },
    onCancel: () => this.#draw(),
  };

  #back(): void {
    this.#sketch.back();
    void this.#look();
  }

  /** Leave it; nothing is closed. */
  cancel(): void {
    this.#asking?.abort();
    this.#options.onFreehand(null);
    this.#options.onDone(false);
  }

  /** Ask what the drawing would close. */
  async #look(): Promise<void> {
    this.#asking?.abort();
    this.#preview = null;
    this.#fault = null;
    const where = this.#where();
    this.#draw();
    this.#tell();
    if (!where) return;
    const asking = (this.#asking = new AbortController());
    try {
      this.#preview = await previewClosure(where, asking.signal);
    } catch (error) {
      if (asking.signal.aborted) return;
      if (!(error instanceof ServerError)) throw error;
      this.#fault = error.message;
    }
    this.#draw();
    this.#tell();
  }

  #where(): Where | null {
    const drawn = this.#sketch.where();
    if (!drawn) return null;
    const where = { ...drawn, ...this.#modes.chosen() };
    if (this.#kind === "closed") return { ...where, kind: "closed" };
    return { ...where, kind: "slow", speed_share: Number(this.#share.value) / 100 };
  }

  #draw(trace: LonLat[] = []): void {
    const geometry = this.#preview?.geometry;
    const preview: FeatureCollection = geometry
      ? { type: "FeatureCollection", features: [{ type: "Feature", geometry, properties: {} }] }
      : NOTHING;
    this.#options.onDraw(this.#sketch.drawn(trace), preview);
  }

  #tell(): void {
    const effects = this.#preview?.effects;
    const n = effects?.streets ?? 0;
    this.#confirm.disabled = !n;
    this.#confirm.classList.toggle("slow", this.#kind === "slow");
    const words = this.#kind === "slow" ? "confirmSlow" : "confirmClosed";
    this.#confirm.replaceChildren(h("span", {}, () => (n ? tc(words, { n }) : tc("nothingYet"))));
    const hit = effects && h("p", { class: "closure-hit" }, () => tc("hit", { n, length: metres(effects.length_m) }));
    const warnings = this.#kind === "closed" ? (effects?.warnings ?? []) : [];
    this.#told.replaceChildren(
      ...(hit ? [hit] : []),
      ...warnings.map(({ zh, en }) => h("p", { class: "closure-warning" }, () => pick(zh, en))),
      ...(this.#fault ? [h("p", { class: "fault", role: "alert" }, this.#fault)] : []),
    );
  }

  async #submit(event: Event): Promise<void> {
    event.preventDefault();
    const where = this.#where();
    const until = this.#until.chosen();
    if (!where || !until || !this.#preview) return;
    this.#confirm.disabled = true;
    const note = this.#note.value.trim();
    try {
      await addClosure({ ...where, ...until, reason: this.#reason.value, ...(note && { note }) });
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.#fault = error.message;
      this.#tell();
      return;
    }
    this.#options.onFreehand(null);
    this.#options.onDone(true);
  }
}

function segments<Key extends ClosureText>(
  name: ClosureText,
  keys: readonly Key[],
  first: Key,
  onChosen: (key: Key) => void,
): HTMLElement {
  const buttons = keys.map((key) =>
    h("button", { type: "button", "aria-pressed": String(key === first), onclick: () => choose(key) }, () => tc(key)),
  );
  function choose(key: Key): void {
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(keys[i] === key)));
    onChosen(key);
  }
  return h("div", { class: "segments", role: "group", "aria-label": () => tc(name) }, ...buttons);
}

function select(options: [value: string, words: () => string][], first = options[0]?.[0]): HTMLSelectElement {
  return h("select", {}, ...options.map(([value, words]) => h("option", { value, selected: value === first }, words)));
}
