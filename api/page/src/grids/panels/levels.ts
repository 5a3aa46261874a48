// Over the map: which level is looked at, and whether its units are shaded by their households.

import { h } from "../../dom";
import type { Level } from "../contract";
import { t } from "../texts";
import { button } from "./rows";

const LEVELS: readonly Level[] = [2, 3, 4];

export class LevelSwitch {
  readonly element: HTMLElement;
  readonly #onTurn: (level: Level, shaded: boolean) => void;
  #level: Level = 4;
  #shaded = true;

  constructor(onTurn: (level: Level, shaded: boolean) => void) {
    this.#onTurn = onTurn;
    const buttons = LEVELS.map((level) =>
      button(() => t(`level_${level as 2 | 3 | 4}`), () => this.#turn(level, this.#shaded), {
        "data-level": String(level),
        "aria-pressed": String(level === this.#level),
      }),
    );
    const shade = h("input", { type: "checkbox", id: "shading", checked: true, onchange: (event: Event) => this.#turn(this.#level, (event.target as HTMLInputElement).checked) });
    this.element = h(
      "div",
      { class: "levels" },
      h("div", { class: "segments", role: "group", "aria-label": () => t("levels") }, ...buttons),
      h("label", { class: "tick" }, shade, h("span", {}, () => t("shading"))),
    );
  }

  #turn(level: Level, shaded: boolean): void {
    [this.#level, this.#shaded] = [level, shaded];
    for (const each of this.element.querySelectorAll<HTMLElement>("[data-level]")) {
      each.setAttribute("aria-pressed", String(each.dataset.level === String(level)));
    }
    this.#onTurn(level, shaded);
  }
}
