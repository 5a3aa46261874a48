// What the colours of the heat map mean, with how many cells each class has.

import type { HotspotAnswer, HotspotClass } from "../contract";
import { h } from "../dom";
import { count } from "../format";
import { t } from "../language";
import { PALETTES } from "../map/palette";
import { theme } from "../theme";
import { hexagonSample } from "./sample";

export const CLASSES: readonly HotspotClass[] = [
  "hot_99",
  "hot_95",
  "hot_90",
  "not_significant",
  "cold_90",
  "cold_95",
  "cold_99",
];

export function hotspotLegend(answer: HotspotAnswer): HTMLElement {
  const number = (which: HotspotClass) =>
    answer.features.filter((cell) => cell.properties.class === which).length;
  const rows = CLASSES.map((each) =>
    h(
      "li",
      { "data-class": each },
      classSample(each),
      h("span", {}, () => t(each)),
      h("span", { class: "number" }, () => count(number(each))),
    ),
  );
  return h(
    "div",
    { class: "group" },
    h("ul", { class: "legend classes" }, ...rows),
    h("p", { class: "small" }, () => t("significanceNote")),
  );
}

export function classSample(which: HotspotClass): SVGElement {
  const sample = hexagonSample(PALETTES[theme()].hotspots[which], which === "not_significant");
  sample.classList.add(which);
  return sample;
}
