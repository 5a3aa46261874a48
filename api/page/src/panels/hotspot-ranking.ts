// The significant cells as a table, the surest first: what the heat map says without a map.

import type { LonLat } from "../map/view";
import type { HotspotAnswer, HotspotCell } from "../contract";
import { h } from "../dom";
import { count, probability } from "../format";
import { t, type Words } from "../language";
import { classSample } from "./hotspot-legend";

const MOST = 20;

export function rankingTable(
  answer: HotspotAnswer,
  onLookAt: (cell: HotspotCell) => void,
): HTMLElement {
  const ranked = answer.features
    .filter((cell) => cell.properties.class !== "not_significant")
    .sort((a, b) => a.properties.p - b.properties.p || b.properties.count - a.properties.count)
    .slice(0, MOST);
  if (!ranked.length) return h("p", { class: "verdict" }, () => t("nothingSignificant"));
  return h(
    "div",
    { class: "group" },
    h("h2", {}, () => t("ranking")),
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, ...columns().map((words) => h("th", { scope: "col" }, words)))),
      h("tbody", {}, ...ranked.map((cell, i) => row(cell, i + 1, onLookAt))),
    ),
  );
}

/** The numbers of one cell, for a popup. */
export function describeCell({ properties }: HotspotCell): HTMLElement {
  const rows: [Words, string][] = [
    [() => t("incidents"), count(properties.count)],
    [() => t("withNeighbours"), count(properties.neighbourhood_count)],
    [() => t("zScore"), properties.z.toFixed(2)],
    [() => t("pValue"), probability(properties.p)],
    [() => t("cell"), properties.h3],
  ];
  return h(
    "div",
    { class: "cell" },
    h("h3", {}, classSample(properties.class), h("span", {}, () => t(properties.class))),
    h("dl", {}, ...rows.map(([words, value]) => h("div", {}, h("dt", {}, words), h("dd", {}, value)))),
  );
}

function columns(): Words[] {
  return [
    () => t("rank"),
    () => t("significance"),
    () => t("incidents"),
    () => t("withNeighbours"),
    () => t("zScore"),
  ];
}

function row(cell: HotspotCell, rank: number, onLookAt: (cell: HotspotCell) => void): HTMLElement {
  const { class: which, count: own, neighbourhood_count: around, z, h3 } = cell.properties;
  const button = h(
    "button",
    {
      type: "button",
      class: "cell-button",
      "aria-label": () => `${t(which)}, ${t("cell")} ${h3}`,
      onclick: () => onLookAt(cell),
    },
    classSample(which),
    h("span", {}, () => t(which)),
  );
  return h(
    "tr",
    {},
    h("td", { class: "number" }, String(rank)),
    h("td", {}, button),
    h("td", { class: "number" }, () => count(own)),
    h("td", { class: "number" }, () => count(around)),
    h("td", { class: "number" }, z.toFixed(1)),
  );
}

/** The middle of a cell. */
export function centreOf(cell: HotspotCell): LonLat {
  const ring = (cell.geometry.coordinates[0] ?? []).slice(1) as LonLat[];
  const sum = ring.reduce<LonLat>(([x, y], [lon, lat]) => [x + lon, y + lat], [0, 0]);
  return [sum[0] / ring.length, sum[1] / ring.length];
}
