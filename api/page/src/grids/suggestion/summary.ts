// What a suggested draft does: how many move, who goes where, and which villages can't be helped.

import { h } from "../../dom";
import { count } from "../../format";
import { nameOf } from "../../language";
import { ServerError } from "../../server";
import { rowButton, section } from "../panels/rows";
import type { DraftServer } from "../server";
import type { NamedVillage, SuggestedMove, Summary } from "./contract";
import { t } from "./texts";

const FEW_VILLAGES = 3;

interface Options {
  server: DraftServer;
  onUnit: (id: number) => void;
}

/** The summary of the draft that is open, where it was suggested. */
export class SuggestionPanel {
  readonly element = h("div", { class: "suggestion" });
  readonly #options: Options;
  #draft = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  async read(draft: number): Promise<void> {
    this.#draft = draft;
    this.element.replaceChildren();
    const answer = await this.#options.server.suggestion(draft).catch((error: unknown) => {
      if (!(error instanceof ServerError)) throw error;
      return null; // a summary that can't be had is not worth a message
    });
    if (!answer?.summary || this.#draft !== draft) return;
    const { summary } = answer;
    const parts = [...facts(summary), ...grids(summary), ...moves(summary.moves, this.#options.onUnit)];
    this.element.replaceChildren(section(() => t("title"), ...parts));
  }
}

function facts(summary: Summary): HTMLElement[] {
  const { moved, moved_share, at_least, outside, compactness, band } = summary;
  const [least, most] = band;
  const bound = () => (at_least ? ` (${t("atLeast", { n: count(at_least) })})` : "");
  return [
    h("p", { class: "sum" }, () => `${t("moved", { moved: count(moved), share: percent(moved_share) })}${bound()}`),
    h(
      "dl",
      { class: "facts" },
      fact(() => t("outside", { least, most }), `${outside.before} → ${outside.after}`),
      fact(() => t("compactness"), `${compactness.before.toFixed(3)} → ${compactness.after.toFixed(3)}`),
    ),
    h("p", { class: "small" }, () => t("asCounted")),
    ...namedVillages(summary.villages),
  ];
}

/** The villages that keep a grid outside the band, and why. */
export function namedVillages(villages: readonly NamedVillage[]): HTMLElement[] {
  if (!villages.length) return [];
  const rows = villages.map(({ reason, households, text, ...village }) =>
    h("li", {}, h("b", {}, () => nameOf(village)), h("span", { class: "small" }, () => t(`reason_${reason}`, { n: count(households), why: text }))),
  );
  return [h("h3", {}, () => t("villagesNamed")), h("ul", { class: "moved" }, ...rows)];
}

function grids({ grids: all }: Summary): HTMLElement[] {
  const named = (words: "opened" | "closed", found: Summary["grids"]) =>
    found.length ? [h("p", {}, () => `${t(words)}: ${found.map(nameOf).join(", ")}`)] : [];
  return [
    ...named("opened", all.filter(({ before }) => before === null)),
    ...named("closed", all.filter(({ after }) => after === null)),
  ];
}

function moves(all: readonly SuggestedMove[], onUnit: (id: number) => void): HTMLElement[] {
  const villages = new Map<number, SuggestedMove[]>();
  for (const move of all) villages.set(move.village.id, [...(villages.get(move.village.id) ?? []), move]);
  return [...villages.values()].map((found) =>
    h(
      "details",
      villages.size <= FEW_VILLAGES ? { open: true } : {},
      h("summary", {}, () => t("movesOf", { village: found[0] ? nameOf(found[0].village) : "", n: found.length })),
      h("ul", { class: "rows" }, ...found.map((move) => row(move, onUnit))),
    ),
  );
}

function row(move: SuggestedMove, onUnit: (id: number) => void): HTMLElement {
  const cut = () => (move.cut_from ? ` · ${t("cutFrom", { name: nameOf(move.cut_from) })}` : "");
  return rowButton(
    () => onUnit(move.id),
    h(
      "span",
      { class: "row-main" },
      h("b", {}, () => `${nameOf(move)} · ${t("households", { n: count(move.households) })}`),
      h("span", { class: "small" }, () => `${nameOf(move.from)} → ${nameOf(move.to)}${cut()}`),
    ),
  );
}

function fact(words: () => string, value: string): HTMLElement {
  return h("div", {}, h("dt", {}, words), h("dd", { class: "number" }, value));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
