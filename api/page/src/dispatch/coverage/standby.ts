// Where idle teams would stand better: asked for, told as moves, drawn as stands with lines to them.

import type { Feature, FeatureCollection } from "geojson";
import { h } from "../../dom";
import { minutes } from "../../format";
import { Asker } from "../../panels/answer";
import { askStandby, type Stand, type Standby } from "./server";
import { HOLD_S } from "./shares";
import { percent, t } from "./words";

const TEAM_COUNTS = [1, 2, 3, 5];

interface Options {
  /** The suggestion has come, or was put away. */
  onChange: () => void;
  /** Bring these points onto the screen. */
  onLookAt: (points: [number, number][]) => void;
}

export class StandbyBox {
  readonly element: HTMLElement;
  readonly #options: Options;
  readonly #answer = h("div", { class: "coverage-standby", "aria-live": "polite" });
  readonly #asker = new Asker(this.#answer);
  #suggested: Standby | null = null;

  constructor(options: Options) {
    this.#options = options;
    const teams = h(
      "select",
      { "aria-label": () => t("teams") },
      ...TEAM_COUNTS.map((n) => h("option", { value: n, selected: n === 3 }, () => t(n === 1 ? "teamOne" : "teamCount", { n }))),
    );
    const ask = () => this.#suggest(Number(teams.value));
    this.element = h(
      "div",
      {},
      h("div", { class: "coverage-ask" }, h("button", { type: "button", onclick: ask }, () => t("standby")), teams),
      this.#answer,
    );
  }

  /** What is suggested, to be drawn; null while nothing is. */
  get drawn(): FeatureCollection | null {
    return this.#suggested && ghosts(this.#suggested);
  }

  clear(): void {
    this.#asker.stop();
    this.#suggested = null;
    this.#answer.replaceChildren();
  }

  #suggest(teams: number): void {
    void this.#asker.ask(
      (signal) => askStandby({ teams, seconds: HOLD_S }, signal),
      (found) => {
        this.#suggested = found;
        this.#answer.replaceChildren(...this.#advice(found));
        this.#options.onChange();
        this.#answer.scrollIntoView({ block: "nearest" });
        const shown = [...found.stands, ...(found.one_more ? [found.one_more] : [])];
        this.#options.onLookAt(shown.flatMap(({ lon, lat, from }) => [[lon, lat], ...(from ? [from] : [])] as [number, number][]));
      },
    );
  }

  #advice({ stands, one_more, ...found }: Standby): HTMLElement[] {
    const [now, then, bound] = [found.share_now, found.share_then, found.share_bound].map((share) => percent(share, 1)) as [string, string, string];
    const verdict = () => (stands.length ? t("gain", { now, then, bound }) : t("nothing"));
    const clear = () => {
      this.clear();
      this.#options.onChange();
    };
    return [
      h("p", { class: "coverage-gain" }, h("strong", {}, verdict), h("button", { type: "button", class: "link", onclick: clear }, () => t("clear"))),
      h("ol", { class: "coverage-moves" }, ...stands.map((stand) => this.#move(stand))),
      ...(one_more ? [h("p", { class: "small" }, () => t("oneMore", { gain: percent(one_more.gain, 1) }))] : []),
    ];
  }

  #move({ lon, lat, label, travel_time_s, gain }: Stand): HTMLElement {
    const look = () => this.#options.onLookAt([[lon, lat]]);
    const words = () => t("move", { who: label ?? "—", time: minutes(travel_time_s ?? 0) });
    return h(
      "li",
      {},
      h("button", { type: "button", class: "link", onclick: look }, words),
      h("span", { class: "number" }, () => t("addsTo", { gain: percent(gain, 1) })),
    );
  }
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

