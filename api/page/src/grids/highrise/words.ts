// What a micro-grid has of its buildings, in words.

import type { Building, Part } from "./contract";
import { floorWords, labelOf } from "./faults";
import { t } from "./texts";

/** "1号楼 1单元 1–9层; 2号楼" */
export function partsWords(parts: readonly Part[], buildings: readonly Building[]): string {
  return parts.map((part) => partWords(part, buildings)).join("; ");
}

function partWords({ building, entrances, floors }: Part, buildings: readonly Building[]): string {
  const found = buildings.find(({ id }) => id === building);
  const label = found ? labelOf(found) : t("buildingNumber", { id: building });
  return [label, entrances?.join(t("and")), floors && floorWords(...floors)].filter(Boolean).join(" ");
}

/** Shared-out households have one decimal at most. */
export function householdsNumber(households: number): string {
  return String(Math.round(households * 10) / 10);
}
