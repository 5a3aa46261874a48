// Where the households of a unit lie beside the band that is wanted.

import { h } from "../../dom";
import { t } from "../texts";

/** Where on a scale the households lie, and where the band is. */
export function bandBar([least, most]: [number, number], now: number, before: number | undefined): HTMLElement {
  const end = Math.max(most * 1.4, now * 1.1);
  const at = (value: number) => `${Math.min(100, (100 * value) / end).toFixed(1)}%`;
  const bar = h("div", { class: "band-bar", role: "img", "aria-label": () => t("band", { least, most }), title: () => t("band", { least, most }) });
  const good = h("i", { class: "good" });
  good.style.left = at(least);
  good.style.width = at(most - least);
  const old = h("i", { class: "old", hidden: before === undefined });
  old.style.left = at(before ?? 0);
  const mark = h("i", { class: "at" });
  mark.style.left = at(now);
  bar.append(good, old, mark);
  return bar;
}
