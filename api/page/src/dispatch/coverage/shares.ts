// The shares within each limit: as a table, and as a strip of its colours.

import { h } from "../../dom";
import type { Words } from "../../language";
import { COVER_COLORS } from "../../map/styles/response";
import { hexagonSample } from "../../panels/sample";
import { theme } from "../../theme";
import type { Depth, Limit, Reached } from "./server";
import { percent, t } from "./words";

/** The town's promise. */
export const HOLD_S = 180;

/** Which share is reached within each limit. */
export function sharesTable(limits: readonly Limit[], depth: Depth): HTMLElement {
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
    return row(colors[i] ?? "", words, limit[depth], (of) => percent(of), limit.seconds === HOLD_S);
  });
  const last = limits.at(-1);
  const rest = (of: number | null) => (of === null ? "–" : `${100 - Number.parseInt(percent(of))}%`);
  const beyond = last ? [row(colors.at(-1) ?? "", () => t("beyond"), last[depth], rest, false)] : [];
  const heads = ["time", "expected", "premises", ...(told ? (["rooms"] as const) : [])] as const;
  return h(
    "table",
    {},
    h("thead", {}, h("tr", {}, ...heads.map((key) => h("th", { scope: "col" }, () => t(key))))),
    h("tbody", {}, ...rows, ...beyond),
  );
}

/** The colours in one line, where there is no room for the table. */
export function strip(limits: readonly Limit[]): HTMLElement[] {
  const colors = COVER_COLORS[theme()];
  const words = [...limits.map(({ seconds }) => () => String(seconds / 60)), () => t("beyond")];
  return [
    h("li", {}, () => t("minutesShort")),
    ...words.map((each, i) => h("li", {}, hexagonSample(colors[i] ?? "", false), each)),
  ];
}
