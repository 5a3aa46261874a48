// The early word, who is left out and why, and who of other towns could come.

import type { NearestAnswer } from "../../contract";
import { h } from "../../dom";
import { minutes } from "../../format";
import type { LeftOut, Neighbour } from "./contract";
import { both, t } from "./words";

const LOOK = { holds: "in-time", at_risk: "at-risk", nobody_within: "late" } as const;

/** Whether three minutes can be met, and if not what can. */
export function verdict({ verdict: { code, words } }: NearestAnswer): HTMLElement {
  return h("p", { class: `verdict ${LOOK[code]}`, "data-code": code }, h("strong", {}, both(words)));
}

/** Folded: the reasons, and for each whom it keeps out. */
export function leftOut(all: readonly LeftOut[]): HTMLElement[] {
  if (!all.length) return [];
  const byReason = new Map<string, LeftOut[]>();
  for (const each of all) {
    const key = each.words.zh;
    byReason.set(key, [...(byReason.get(key) ?? []), each]);
  }
  const rows = [...byReason.values()].map((several) =>
    h(
      "li",
      {},
      h("span", { class: "small" }, both((several[0] as LeftOut).words)),
      h("span", {}, several.map(({ label }) => label).join("、")),
    ),
  );
  return [
    h(
      "details",
      { class: "unreachable left-out" },
      h("summary", {}, () => t("leftOut", { n: all.length })),
      h("ul", {}, ...rows),
    ),
  ];
}

export function further(n: number): HTMLElement[] {
  return n > 0 ? [h("p", { class: "small further" }, () => t("further", { n }))] : [];
}

export function neighbours(all: readonly Neighbour[]): HTMLElement[] {
  if (!all.length) return [];
  const rows = all.map((each) =>
    h(
      "li",
      { class: "neighbour" },
      h(
        "span",
        { class: "who" },
        h("strong", {}, `${each.neighbour} ${each.name}`),
        h("span", { class: "small" }, both(each.why)),
        ...call(each),
      ),
      h("span", { class: "minutes" }, () => (each.eta_s === null ? "—" : minutes(each.eta_s))),
    ),
  );
  return [h("section", { class: "neighbours" }, h("h2", {}, () => t("neighbours")), h("ul", {}, ...rows))];
}

function call({ phone }: Neighbour): HTMLElement[] {
  if (!phone) return [];
  return [h("a", { href: `tel:${phone.replace(/[^\d+]/g, "")}` }, () => t("call", { phone }))];
}
