// The coverage for whoever reads it and draws nothing: today's, unit by unit, and that of past days.

import { followChanges } from "../../changes";
import type { Layer, Session, Town } from "../../contract";
import { h } from "../../dom";
import { onLanguage } from "../../language";
import { mapButtons } from "../../map/buttons";
import { foot } from "../../panels/foot";
import { head } from "../../panels/head";
import { Sheet } from "../../panels/sheet";
import type { Level, Place } from "../contract";
import { Painter } from "../map/painter";
import { GridMap } from "../map/view";
import { BurdenMap } from "../model/burden";
import { HistoryPanel } from "../panels/history";
import { LevelSwitch } from "../panels/levels";
import { PlaceBox } from "../place-box";
import { readBurdens } from "../server";
import { t as page } from "../texts";
import { t } from "./texts";
import { Today } from "./today";

const COVERAGE_LAYERS = ["villages", "grids", "micro-grids"];
const NOTHING_TOLD = { bands: {}, incident_days: 0, points: {} };

export class ReaderPage {
  readonly element: HTMLElement;
  readonly #painter: Painter;
  readonly #today: Today;
  readonly #history: HistoryPanel;
  readonly #placeBox: PlaceBox;
  readonly #isSignedIn: boolean;
  #level: Level = 4;

  constructor(town: Town, layers: readonly Layer[], session: Session) {
    this.#isSignedIn = session.signed_in;
    const ground = h("div", { class: "map" });
    const map = new GridMap({
      container: ground,
      bounds: town.bounds ?? [0, 0, 1, 1],
      layers,
      onClick: (place) => {
        this.#placeBox.leave();
        this.#click(place);
      },
      onMove: () => this.#placeBox.follow(),
    });
    this.#placeBox = new PlaceBox(map, town, (place) => this.#click(place));
    this.#painter = new Painter(map);
    const levels = new LevelSwitch((level, shaded) => this.#turnTo(level, shaded));
    this.#history = new HistoryPanel({ map, today: town.now.slice(0, 10), timeZone: town.time_zone, level: () => this.#level, ahead: null });
    const sheet = new Sheet(
      head(town, session),
      [
        { id: "today", title: () => t("tab"), content: h("div", {}) },
        { id: "history", title: () => page("tabHistory"), content: this.#history.element },
      ],
      "today",
      (tab) => tab !== "history" && this.#history.leave(),
    );
    const onChoose = () => {
      sheet.show("today");
      sheet.grow();
    };
    this.#today = new Today({ map, painter: this.#painter, layers, onDraft: null, onChoose });
    sheet.element.querySelector("#pane-today")?.append(this.#today.element, howToDraw(town, session));
    const toolbar = h("div", { class: "toolbar" }, levels.element);
    const stage = h("main", { class: "stage" }, ground, this.#placeBox.needle, this.#placeBox.element, toolbar, this.#history.banner.element, mapButtons(map), foot(town, layers));
    this.element = h("div", { class: "page grids" }, stage, sheet.element);
    onLanguage(() => this.#today.draw());
    listenToSpace(map, (place) => this.#click(place));
  }

  async start(): Promise<void> {
    followChanges((touched) => {
      if (!touched || COVERAGE_LAYERS.some((id) => touched.has(id))) void this.#today.read();
    });
    await this.#today.read();
    const burdens = this.#isSignedIn ? await readBurdens().catch(() => null) : NOTHING_TOLD;
    if (!burdens) return;
    const weighed = new BurdenMap(burdens);
    this.#painter.weigh(weighed);
    this.#today.weigh(weighed, burdens.incident_days);
  }

  #click(place: Place): void {
    if (this.#history.isAway) this.#history.click(place);
    else this.#today.click(place);
  }

  #turnTo(level: Level, shaded: boolean): void {
    this.#level = level;
    this.#painter.look(level, shaded);
    this.#today.turnTo(level);
  }
}

/** How one becomes somebody who draws. */
function howToDraw(town: Town, { signed_in, pending }: Session): HTMLElement {
  const demo = town.synthetic ? [h("p", { class: "small" }, () => page("notForYouDemo"))] : [];
  const unfinished = pending ? [h("p", { class: "small" }, () => page("notYetForYou"))] : [];
  const link = h("a", { href: "/login" }, () => (signed_in ? t("otherAccount") : page("signIn")));
  return h("div", { class: "how-to-draw" }, ...demo, ...unfinished, link);
}

/** On the map Enter and the space bar click its middle. */
function listenToSpace(map: GridMap, click: (place: Place) => void): void {
  document.addEventListener("keydown", (event) => {
    if (event.target !== map.canvas || !["Enter", " "].includes(event.key)) return;
    event.preventDefault();
    click(map.center());
  });
}
