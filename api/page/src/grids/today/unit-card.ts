// What a unit of the coverage is: to read, not to change.

import type { Layer } from "../../contract";
import { h } from "../../dom";
import { pick } from "../../language";
import type { Unit } from "../contract";
import { nameIn } from "../map/features";
import type { Coverage } from "../model/coverage";
import { t as page } from "../texts";
import { t } from "./texts";

type Codes = Layer["fields"][number]["codes"];

/** What the kinds of units are called. */
export function kindsOf(layers: readonly Layer[]): Codes {
  const villages = layers.find(({ id }) => id === "villages");
  return villages?.fields.find(({ name }) => name === "kind")?.codes ?? {};
}

export function unitFacts(coverage: Coverage, unit: Unit, kinds: Codes): HTMLElement {
  const [kind, kind_en] = kinds[unit.kind ?? ""] ?? [unit.kind, unit.kind];
  const below = belowWords(coverage, unit);
  return h(
    "dl",
    { class: "unit-facts" },
    fact(() => t("levelWord"), () => page(`levelOne_${unit.level}`)),
    fact(() => t("code"), () => unit.code),
    ...(unit.name_en ? [fact(() => t("englishName"), () => unit.name_en ?? "")] : []),
    ...(kind ? [fact(() => t("kind"), () => pick(kind, kind_en))] : []),
    fact(() => t("parents"), () => parents(coverage, unit)),
    ...(below ? [fact(() => t("below"), below)] : []),
  );
}

function parents(coverage: Coverage, unit: Unit): string {
  const names = [];
  for (let at = coverage.units.get(unit.parent); at; at = coverage.units.get(at.parent)) names.push(nameIn(at));
  return names.reverse().join(" › ") || "—";
}

function belowWords(coverage: Coverage, unit: Unit): (() => string) | null {
  const micro = coverage.facesOf(unit.id).length;
  if (unit.level === 4) return null;
  if (unit.level === 3) return () => t("belowMicro", { n: micro });
  const grids = coverage.children(unit.id).length;
  return () => `${t("belowGrids", { n: grids })} · ${t("belowMicro", { n: micro })}`;
}

function fact(words: () => string, value: () => string): HTMLElement {
  return h("div", {}, h("dt", {}, words), h("dd", {}, value));
}

