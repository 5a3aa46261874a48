// What the responders on duty reach in time, as a card on the map: shading, shares, what is left
// out, and where idle teams would stand better.

import type { Feature, FeatureCollection } from "geojson";
import { h, live } from "../dom";
import { count, minutes } from "../format";
import { onLanguage, translator, type Words } from "../language";
import { recall, remember } from "../memory";
import { COVER_COLORS, type ResponsePicture } from "../map/styles/response";
import { Asker } from "../panels/answer";
import { hexagonSample } from "../panels/sample";
import { onTheme, theme } from "../theme";
import {
  askStandby,
  cellsUrl,
  readCoverage,
  readPremisesOutside,
  type Coverage,
  type Depth,
  type Limit,
  type Reached,
  type Stand,
  type Standby,
} from "./coverage-server";
import { COVERAGE_TEXTS } from "./coverage-texts";

const t = translator(COVERAGE_TEXTS);
const HOLD_S = 180;
/** The server computes no fresher coverage either. */
const AGAIN_MS = 2_000;
/** Fixes age, closures end and the hour turns without anybody changing a row. */
const ANYHOW_MS = 60_000;
const PHONE = "(max-width: 46rem)";
const TEAM_COUNTS = [1, 2, 3, 5];
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
  readonly #standby = h("div", { class: "coverage-standby", "aria-live": "polite" });
  readonly #body: HTMLElement;
  readonly #asker = new Asker(this.#answer);
  readonly #standbyAsker = new Asker(this.#standby);
  #depth: Depth = "single";
  #coverage: Coverage | null = null;
  #outside: FeatureCollection | null = null;
  #suggested: Standby | null = null;
  #askedAt = 0;
  #timer = 0;

  constructor(options: Options) {
    this.#options = options;
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
        this.#standbyForm(),
        this.#standby,
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
      this.#coverage = this.#outside = this.#suggested = null;
      this.#headline.replaceChildren();
      this.#standby.replaceChildren();
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
    this.#answer.replaceChildren(this.#table(coverage.limits));
    this.#strip.replaceChildren(...strip(coverage.limits));
    this.#note.textContent = t("note", { n: coverage.responders });
    if (held) this.#sayLeftOut(held[this.#depth]);
    this.#options.onShow({
      cellsUrl: cellsUrl(coverage.cells.version),
      theme: theme(),
      outside: this.#outside,
      stands: this.#suggested && ghosts(this.#suggested),
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

  #table(limits: readonly Limit[]): HTMLElement {
    const told = limits[0]?.single.share_rooms != null;
    const colors = COVER_COLORS[theme()];
    const row = (color: string, words: Words, reached: Reached, share: (of: number | null) => string, held: boolean) =>
      h(
        "tr",
        { "data-held": held },
        h("th", { scope: "row" }, h("span", {}, hexagonSample(color, false), words)),
        h("td", { class: "number" }, share(reached.share_expected)),
        h("td", { class: "number" }, share(reached.share_premises)),
        ...(told ? [h("td", { class: "number" }, share(reached.share_rooms))] : []),
      );
    const rows = limits.map((limit, i) => {
      const words = () => t("within", { minutes: limit.seconds / 60 });
      return row(colors[i] ?? "", words, limit[this.#depth], (of) => percent(of), limit.seconds === HOLD_S);
    });
    const last = limits.at(-1);
    const rest = (of: number | null) => (of === null ? "–" : `${100 - Number.parseInt(percent(of))}%`);
    const beyond = last ? [row(colors.at(-1) ?? "", () => t("beyond"), last[this.#depth], rest, false)] : [];
    const heads = ["time", "expected", "premises", ...(told ? (["rooms"] as const) : [])] as const;
    return h(
      "table",
      {},
      h("thead", {}, h("tr", {}, ...heads.map((key) => h("th", { scope: "col" }, () => t(key))))),
      h("tbody", {}, ...rows, ...beyond),
    );
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

  #standbyForm(): HTMLElement {
    const teams = h(
      "select",
      { "aria-label": () => t("teams") },
      ...TEAM_COUNTS.map((n) => h("option", { value: n, selected: n === 3 }, () => t(n === 1 ? "teamOne" : "teamCount", { n }))),
    );
    const ask = () => this.#suggest(Number(teams.value));
    return h(
      "div",
      { class: "coverage-ask" },
      h("button", { type: "button", onclick: ask }, () => t("standby")),
      teams,
    );
  }

  #suggest(teams: number): void {
    void this.#standbyAsker.ask(
      (signal) => askStandby({ teams, seconds: HOLD_S }, signal),
      (found) => {
        this.#suggested = found;
        this.#standby.replaceChildren(...this.#advice(found));
        this.#draw();
        this.#standby.scrollIntoView({ block: "nearest" });
        const shown = [...found.stands, ...(found.one_more ? [found.one_more] : [])];
        this.#options.onLookAt(shown.flatMap(({ lon, lat, from }) => [[lon, lat], ...(from ? [from] : [])] as [number, number][]));
      },
    );
  }

  #advice(found: Standby): HTMLElement[] {
    const { stands, one_more } = found;
    const [now, then, bound] = [found.share_now, found.share_then, found.share_bound].map((share) => percent(share, 1)) as [string, string, string];
    const verdict = () => (stands.length ? t("gain", { now, then, bound }) : t("nothing"));
    const rows = stands.map((stand) =>
      h(
        "li",
        {},
        h("button", { type: "button", class: "link", onclick: () => this.#options.onLookAt([[stand.lon, stand.lat]]) }, () =>
          t("move", { who: stand.label ?? "—", time: minutes(stand.travel_time_s ?? 0) }),
        ),
        h("span", { class: "number" }, () => t("addsTo", { gain: percent(stand.gain, 1) })),
      ),
    );
    const clear = () => {
      this.#suggested = null;
      this.#standby.replaceChildren();
      this.#draw();
    };
    return [
      h("p", { class: "coverage-gain" }, h("strong", {}, verdict), h("button", { type: "button", class: "link", onclick: clear }, () => t("clear"))),
      h("ol", { class: "coverage-moves" }, ...rows),
      ...(one_more ? [h("p", { class: "small" }, () => t("oneMore", { gain: percent(one_more.gain, 1) }))] : []),
    ];
  }
}

/** The colours in one line, where there is no room for the table. */
function strip(limits: readonly Limit[]): HTMLElement[] {
  const colors = COVER_COLORS[theme()];
  const words = [...limits.map(({ seconds }) => () => String(seconds / 60)), () => t("beyond")];
  return [
    h("li", {}, () => t("minutesShort")),
    ...words.map((each, i) => h("li", {}, hexagonSample(colors[i] ?? "", false), each)),
  ];
}

/** Stands as points, with a line from where each team is now. */
function ghosts({ stands, one_more }: Standby): FeatureCollection {
  const lines: Feature[] = stands.flatMap(({ lon, lat, from }) =>
    from ? [{ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: [from, [lon, lat]] } }] : [],
  );
  const more = one_more ? [point(one_more, `+1 (${percent(one_more.gain, 1)})`, true)] : [];
  const points = stands.map((stand) => point(stand, stand.label ?? "", false));
  return { type: "FeatureCollection", features: [...lines, ...points, ...more] };
}

function point({ lon, lat }: Stand, name: string, more: boolean): Feature {
  return { type: "Feature", properties: { name, more }, geometry: { type: "Point", coordinates: [lon, lat] } };
}

/** Rounded down: never a promise too much. */
function percent(share: number | null, decimals = 0): string {
  if (share === null) return "–";
  const scale = 10 ** decimals;
  return `${(Math.floor(share * 100 * scale + 1e-9) / scale).toFixed(decimals)}%`;
}
