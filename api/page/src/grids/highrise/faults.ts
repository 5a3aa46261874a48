// What is wrong with the table, said at the row where it can be mended; pure but for its words.

import type { Building } from "./contract";
import { readFloors, type ShareRow } from "./rows";
import { ANY_OTHER, type Clash } from "./storeys";
import { t } from "./texts";

const CODE = /^[\p{L}\p{N}\-_.]{1,40}$/u;

export interface RowFault {
  /** Position of the micro-grid in the table. */
  row: number;
  /** Position of its part; null where it concerns the micro-grid. */
  part: number | null;
  words: string;
}

/** What a row says wrongly by itself. `isTaken` of codes that are others' already. */
export function faultsOf(rows: readonly ShareRow[], isTaken: (code: string) => boolean): RowFault[] {
  const times = new Map<string, number>();
  for (const { code } of rows) times.set(code.trim(), (times.get(code.trim()) ?? 0) + 1);
  return rows.flatMap((row, i) => [
    ...ofHead(row, times, isTaken).map((words) => ({ row: i, part: null, words })),
    ...ofParts(row).map((fault) => ({ row: i, ...fault })),
  ]);
}

function ofHead({ code, name }: ShareRow, times: ReadonlyMap<string, number>, isTaken: (code: string) => boolean): string[] {
  const own = code.trim();
  return [
    ...(name.trim() ? [] : [t("faultName")]),
    ...(CODE.test(own) ? [] : [t("faultCode")]),
    ...((times.get(own) ?? 0) > 1 || (own && isTaken(own)) ? [t("faultTaken", { code: own })] : []),
  ];
}

function ofParts({ parts }: ShareRow): { part: number | null; words: string }[] {
  if (!parts.length) return [{ part: null, words: t("faultParts") }];
  return parts.flatMap(({ lowest, highest }, part) =>
    readFloors(lowest, highest) === false ? [{ part, words: t("faultFloors") }] : [],
  );
}

/** At each of the micro-grids that have the same floors: with whom. */
export function overlapFaults(rows: readonly ShareRow[], clashes: readonly Clash[]): RowFault[] {
  return clashes.flatMap((clash) =>
    clash.owners.map((row) => {
      const others = clash.owners.filter((each) => each !== row).map((each) => rows[each]?.name || t("rowOf", { n: each + 1 }));
      const part = rows[row]?.parts.findIndex(({ building }) => building === clash.building.id) ?? null;
      return { row, part, words: t("faultOverlap", { other: others.join(t("and")), where: placeOf(clash) }) };
    }),
  );
}

/** Floors that nobody has, in words. */
export function gapWords(clashes: readonly Clash[]): string[] {
  return clashes.filter(({ owners }) => !owners.length).map((clash) => t("faultGap", { where: placeOf(clash) }));
}

function placeOf({ building, entrance, lowest, highest }: Clash): string {
  const parts = [labelOf(building), ...(entrance === ANY_OTHER ? [] : [entrance]), floorWords(lowest, highest)];
  return parts.join(" ");
}

export function labelOf({ label, id }: Building): string {
  return label || t("buildingNumber", { id });
}

export function floorWords(lowest: number, highest: number): string {
  return lowest === highest ? t("floor", { floor: lowest }) : t("floors", { lowest, highest });
}
