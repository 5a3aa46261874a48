// Under the slider of days: today, the days on which redraws took effect, and those that are planned.

import { h } from "../../dom";
import { t } from "./ahead-texts";

/** Half the width of the slider's thumb: its middle never comes nearer to an end. */
const INSET = "8px";

export class Marks {
  readonly element = h("div", { class: "day-marks", "aria-hidden": "true" });

  /** Places are shares of the slider's length; `today` is null where it is the end. */
  put(today: number | null, effective: readonly number[], planned: readonly number[]): void {
    this.element.replaceChildren(
      ...effective.map((at) => mark(at, "effective")),
      ...(today === null ? [] : [mark(today, "today", () => t("todayMark"))]),
      ...planned.map((at) => mark(at, "planned")),
    );
  }
}

function mark(at: number, kind: string, words?: () => string): HTMLElement {
  const element = h("i", { "data-kind": kind }, words);
  element.style.left = `calc(${INSET} + (100% - 2 * ${INSET}) * ${at.toFixed(4)})`;
  return element;
}
