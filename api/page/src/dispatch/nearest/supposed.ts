// Single suppositions: as the server takes them, in words, and as marks on the map.

import type { Mode } from "../../contract";
import { h } from "../../dom";
import { coordinates } from "../../format";
import { t as page } from "../../language";
import type { LonLat } from "../../map/view";
import type { WhatIf } from "./contract";
import { t } from "./words";

// A press on the map closes what lies so near.
const CLOSED_WITHIN_M = 15;
const SIGNS = { added: "+", moved: "→", closed: "⊘" } as const;

export type Change =
  | { kind: "added"; at: LonLat; mode: Mode }
  | { kind: "moved"; at: LonLat; key: string; label: string }
  | { kind: "gone"; key: string; label: string }
  | { kind: "closed"; at: LonLat };

/** Where something is supposed. */
export interface Mark {
  at: LonLat;
  element: HTMLElement;
}

export function supposition(changes: readonly Change[]): WhatIf {
  const of = <Kind extends Change["kind"]>(kind: Kind) =>
    changes.filter((each): each is Extract<Change, { kind: Kind }> => each.kind === kind);
  return {
    added: of("added").map(({ at: [lon, lat], mode }, i) => ({ label: t("addedName", { n: i + 1 }), mode, lon, lat })),
    moved: of("moved").map(({ key, at: [lon, lat] }) => ({ key, lon, lat })),
    without: of("gone").map(({ key }) => key),
    closures: of("closed").map(({ at }) => ({
      geometry: { type: "Point", coordinates: at },
      radius_m: CLOSED_WITHIN_M,
    })),
  };
}

export function told(change: Change): string {
  const where = "at" in change ? coordinates(...change.at) : "";
  if (change.kind === "added") return t("added", { mode: page(`mode_${change.mode}`), where });
  if (change.kind === "closed") return t("closed", { where });
  if (change.kind === "moved") return t("moved", { who: change.label, where });
  return t("gone", { who: change.label });
}

export function marksOf(changes: readonly Change[]): Mark[] {
  return changes.flatMap((each) => {
    if (each.kind === "gone") return [];
    const words = each.kind === "moved" ? `${SIGNS.moved} ${each.label}` : SIGNS[each.kind];
    const element = h("div", { class: "supposed-pin", role: "img", "aria-label": () => told(each) }, words);
    return [{ at: each.at, element }];
  });
}
