// Choose an edge or a unit; the chosen edge's handles do the rest.

import type { Place } from "../contract";
import { nearestOnLine, type Pixel } from "../model/plane";
import { t } from "../texts";
import { NOTHING_CHOSEN, type Tool, type Workbench } from "./tool";

const NEAR_PX = 8;

export function selectTool(bench: Workbench): Tool {
  return {
    id: "select",
    hint: () => hintFor(bench),
    click(place, pixel) {
      const arc = arcNear(bench, pixel);
      if (arc !== null) bench.choose({ kind: "arc", id: arc, run: null });
      else chooseUnit(bench, place);
    },
    hover(_place, pixel) {
      const arc = arcNear(bench, pixel);
      bench.map.hover(arc);
      bench.map.cursor(arc === null ? "" : "pointer");
    },
    end() {
      bench.map.hover(null);
      bench.map.cursor("");
    },
  };
}

function hintFor({ selection, draft }: Workbench): string {
  if (selection.kind !== "arc") return t("hint_select");
  return t(draft.coverage.arcs.get(selection.id)?.level === 1 ? "hint_outline" : "hint_arc");
}

function chooseUnit(bench: Workbench, place: Place): void {
  const unit = bench.draft.coverage.unitAt(place, bench.level);
  bench.choose(unit ? { kind: "unit", id: unit.id } : NOTHING_CHOSEN);
}

/** The arc whose course is nearest to a pixel. */
export function arcNear({ map, draft }: Workbench, pixel: Pixel): number | null {
  let best: { id: number; distance: number } | null = null;
  for (const id of map.arcAt(pixel, NEAR_PX)) {
    const line = (draft.coverage.arcs.get(id)?.coords ?? []).map((place) => map.pixel(place));
    const { distance } = nearestOnLine(line, pixel);
    if (distance <= NEAR_PX && distance < (best?.distance ?? Infinity)) best = { id, distance };
  }
  return best?.id ?? null;
}
