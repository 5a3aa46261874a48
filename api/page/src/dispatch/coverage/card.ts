// What the responders on duty reach in time, as a card on the map: shading, shares, what is left
// out, and where idle teams would stand better.

import type { FeatureCollection } from "geojson";
import { h, live } from "../../dom";
import { count } from "../../format";
import { onLanguage } from "../../language";
import { recall, remember } from "../../memory";
import type { ResponsePicture } from "../../map/styles/response";
import { Asker } from "../../panels/answer";
import { onTheme, theme } from "../../theme";
import { cellsUrl, readCoverage, readPremisesOutside, type Coverage, type Depth, type Reached } from "./server";
import { HOLD_S, sharesTable, strip } from "./shares";
import { StandbyBox } from "./standby";
import { percent, t } from "./words";

/** The server computes no fresher coverage either. */
const AGAIN_MS = 2_000;
/** Fixes age, closures end and the hour turns without anybody changing a row. */
const ANYHOW_MS = 60_000;
const PHONE = "(max-width: 46rem)";
const DEPTHS: readonly Depth[] = ["single", "double"];
const MOVES_IT = ["responders", "closures", "orders", "premises", "streets"];

interface Options {
  /** Draw this over the ground; null takes it away. */
  onShow: (picture: ResponsePicture | null) => void;
  /** Colour the cells: a digit each. */
  onPaint: (digits: string) => void;
  /** Bring these points onto the screen. */
  onLookAt: (points: [number, number][]) => void;
}

export class CoverageCard {
  readonly element: HTMLElement;
  readonly #options: Options;
  readonly #switch: HTMLInputElement;
  readonly #headline = h("span", { class: "coverage-headline small" });
  readonly #answer = h("div", { class: "coverage-answer" });
  readonly #outsideWords = h("span", {});
  readonly #note = h("p", { class: "small" });
  readonly #mark = h("button", { type: "button", class: "link", onclick: () => void this.#toggleOutside() });
  readonly #strip = h("ul", { class: "coverage-strip small" });
  readonly #standby: StandbyBox;
  readonly #body: HTMLElement;
  readonly #asker = new Asker(this.#answer);
  #depth: Depth = "single";
  #coverage: Coverage | null = null;
  #outside: FeatureCollection | null = null;
  #askedAt = 0;
  #timer = 0;

  constructor(options: Options) {
    this.#options = options;
    this.#standby = new StandbyBox({ onChange: () => this.#draw(), onLookAt: options.onLookAt });
    this.#switch = h("input", {
      type: "checkbox",
      class: "switch",
      role: "switch",
      "aria-label": () => t("show"),
      onchange: () => this.#turn(this.#switch.checked),
    });
    this.#body = h(
      "div",
      { class: "coverage-body", hidden: true },
      this.#strip,
      h(
        "details",
        { open: !matchMedia(PHONE).matches },
        h("summary", {}, () => t("shares")),
        this.#depthSwitch(),
        this.#answer,
      ),
      h(
        "details",
        {},
        h("summary", {}, () => t("more")),
        h("p", { class: "coverage-outside" }, this.#outsideWords, " ", this.#mark),
        this.#note,
        this.#standby.element,
      ),
    );
    this.element = h(
      "section",
      { class: "coverage", "aria-label": () => t("title") },
      h("label", { class: "coverage-title" }, this.#switch, h("strong", {}, () => t("title")), this.#headline),
      this.#body,
    );
    onTheme(() => this.#draw());
    onLanguage(() => this.#draw());
    window.setInterval(() => this.changed(null), ANYHOW_MS);
  }

  /** Begin as it was left. */
  start(): void {
    this.#switch.checked = recall("coverage") === "on";
    if (this.#switch.checked) this.#turn(true);
  }

  /** These layers, or any, have changed: ask again, but not too often. */
  changed(touched: ReadonlySet<string> | null): void {
    const moves = !touched || MOVES_IT.some((id) => touched.has(id));
    if (!moves || !this.#switch.checked || document.hidden) return;
    const wait_ms = Math.max(0, this.#askedAt + AGAIN_MS - Date.now());
    this.#timer ||= window.setTimeout(() => this.#ask(), wait_ms);
  }

  #turn(on: boolean): void {
    remember("coverage", on ? "on" : "off");
    this.#body.hidden = !on;
    this.element.toggleAttribute("data-on", on);
    if (on) this.#ask();
    else {
      this.#asker.stop();
      this.#coverage = this.#outside = null;
      this.#standby.clear();
      this.#headline.replaceChildren();
      this.#options.onShow(null);
    }
  }

  #ask(): void {
    window.clearTimeout(this.#timer);
    this.#timer = 0;
    this.#askedAt = Date.now();
    void this.#asker.ask(readCoverage, (coverage) => {
      this.#coverage = coverage;
      if (this.#outside) void this.#markOutside();
      this.#draw();
    });
  }

  /** Card and map, from what is known. */
  #draw(): void {
    const coverage = this.#coverage;
    if (!coverage) return;
    const held = coverage.limits.find(({ seconds }) => seconds === HOLD_S);
    if (held) {
      const words = () => t("headline", { share: percent(held.single.share_expected) });
      this.#headline.replaceChildren(live(new Text(), (text) => (text.data = words())));
    }
    this.#answer.replaceChildren(sharesTable(coverage.limits, this.#depth));
    this.#strip.replaceChildren(...strip(coverage.limits));
    this.#note.textContent = t("note", { n: coverage.responders });
    if (held) this.#sayLeftOut(held[this.#depth]);
    this.#options.onShow({
      cellsUrl: cellsUrl(coverage.cells.version),
      theme: theme(),
      outside: this.#outside,
      stands: this.#standby.drawn,
    });
    this.#options.onPaint(coverage.cells[this.#depth]);
  }

  #depthSwitch(): HTMLElement {
    const choices = DEPTHS.map((depth) =>
      h(
        "label",
        {},
        h("input", {
          type: "radio",
          name: "coverage-depth",
          checked: depth === this.#depth,
          onchange: () => {
            this.#depth = depth;
            this.#draw();
          },
        }),
        h("span", {}, () => t(depth === "single" ? "first" : "second")),
      ),
    );
    return h("div", { class: "segments", role: "radiogroup", "aria-label": () => t("depth") }, ...choices);
  }

  #sayLeftOut({ premises_outside, rooms_outside, expected_outside_per_hour }: Reached): void {
    const expected = (expected_outside_per_hour * 24).toFixed(1);
    const words = [t("outside", { premises: count(premises_outside), expected })];
    if (rooms_outside !== null) words.push(t("outsideRooms", { rooms: count(rooms_outside) }));
    this.#outsideWords.textContent = words.join(", ");
    this.#mark.textContent = t(this.#outside ? "hidePremises" : "showPremises");
    this.#mark.hidden = this.#depth === "double" || !premises_outside;
  }

  async #toggleOutside(): Promise<void> {
    if (this.#outside) this.#outside = null;
    else await this.#markOutside();
    this.#draw();
  }

  async #markOutside(): Promise<void> {
    const found = await readPremisesOutside(HOLD_S, new AbortController().signal).catch(() => null);
    if (found) this.#outside = found;
    this.#draw();
  }
}
