// A draft as the holder of its link sees it: to look at, and to pin notes on.

import type { Layer, Session, Town } from "../contract";
import { h } from "../dom";
import { onLanguage } from "../language";
import { mapButtons } from "../map/buttons";
import { foot } from "../panels/foot";
import { head } from "../panels/head";
import { Sheet } from "../panels/sheet";
import { unitTitle } from "./map/features";
import { Painter } from "./map/painter";
import { GridMap } from "./map/view";
import { Coverage } from "./model/coverage";
import { CommentsPanel } from "./panels/comments";
import { stateChip } from "./panels/drafts";
import { section } from "./panels/rows";
import type { SharedServer } from "./server";
import type { DraftDocument, Place } from "./contract";
import { t } from "./texts";

export class SharedPage {
  readonly element: HTMLElement;
  readonly #server: SharedServer;
  readonly #painter: Painter;
  readonly #coverage: Coverage;
  readonly #comments: CommentsPanel;
  readonly #where = h("p", { class: "hint", role: "status" });
  readonly #hint = h("div", { class: "tool-hint", role: "status", hidden: true }, () => t("hint_comment"));
  readonly #sheet: Sheet;
  #pinning = false;

  constructor(town: Town, layers: readonly Layer[], session: Session, server: SharedServer, document: DraftDocument) {
    this.#server = server;
    this.#coverage = new Coverage(document.arcs, document.units);
    const ground = h("div", { class: "map" });
    const map = new GridMap({
      container: ground,
      bounds: town.bounds ?? [0, 0, 1, 1],
      layers,
      onClick: (place) => this.#click(place),
    });
    this.#painter = new Painter(map);
    this.#comments = new CommentsPanel({ map, timeZone: town.time_zone, onPin: () => this.#pin() });
    const content = h(
      "div",
      {},
      section(() => document.draft.name, h("p", {}, stateChip(document.draft)), this.#where),
      this.#comments.element,
    );
    const tab = { id: "comments", title: () => t("tabComments"), content };
    this.#sheet = new Sheet(head(town, session), [tab], "comments", () => undefined);
    const stage = h("main", { class: "stage" }, ground, this.#hint, mapButtons(map), foot(town, layers));
    this.element = h("div", { class: "page grids" }, stage, this.#sheet.element);
    onLanguage(() => this.#painter.all(this.#coverage));
  }

  async start(): Promise<void> {
    this.#painter.all(this.#coverage);
    await this.#comments.open({
      read: () => this.#server.comments(),
      send: (place, text, nickname) => this.#server.comment(place, text, nickname),
      links: null,
    });
  }

  #pin(): void {
    this.#pinning = true;
    this.#hint.hidden = false;
    this.#sheet.resize("peek");
  }

  #click(place: Place): void {
    const unit = this.#coverage.unitAt(place, 4);
    this.#painter.chooseUnit(this.#coverage, unit?.id ?? null);
    const sharing = (unit?.shares ?? []).map(({ name }) => name).join("、");
    this.#where.textContent = [unit ? unitTitle(this.#coverage, unit.id) : "", sharing].filter(Boolean).join(":");
    if (!this.#pinning) return;
    this.#pinning = false;
    this.#hint.hidden = true;
    this.#sheet.resize("half");
    this.#comments.begin(place);
  }
}
