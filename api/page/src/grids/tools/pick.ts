// Tools that pick units: merge, reassign, group.

import type { Arc, Level, Place } from "../contract";
import { areaFeature, lineFeature, unitTitle } from "../map/features";
import { t } from "../texts";
import type { Tool, Workbench } from "./tool";

/** Colour the picked units, the first apart from the others; and edges. */
export function showPicks({ map, draft }: Workbench, picks: readonly number[], arcs: readonly Arc[] = []): void {
  const features = picks.map((id, i) =>
    areaFeature(id, draft.coverage.polygonsOf(id), i ? "second" : "first"),
  );
  map.set("picked", [...features, ...arcs.map(({ coords }) => lineFeature(coords))]);
}

/** Add the unit at a place, or take it back where it is picked already. */
export function pickUnit(bench: Workbench, picks: number[], place: Place, level: Level): void {
  const unit = bench.draft.coverage.unitAt(place, level);
  if (!unit) return;
  const at = picks.indexOf(unit.id);
  if (at >= 0) picks.splice(at, 1);
  else picks.push(unit.id);
  showPicks(bench, picks);
  bench.tell();
}

/** The chosen unit, if it is of the level, as the first pick. */
function firstPick({ selection, draft }: Workbench, level: Level): number[] {
  if (selection.kind !== "unit") return [];
  return draft.coverage.units.get(selection.id)?.level === level ? [selection.id] : [];
}

function picking(bench: Workbench, picks: number[]) {
  showPicks(bench, picks);
  bench.map.cursor("pointer");
  return {
    back() {
      picks.pop();
      showPicks(bench, picks);
      bench.tell();
    },
    end() {
      bench.map.set("picked", []);
      bench.map.cursor("");
    },
  };
}

export function mergeTool(bench: Workbench): Tool {
  const { level } = bench;
  const picks = firstPick(bench, level);
  const merge = async () => {
    const [survivor, absorbed] = picks as [number, number];
    const edit = await bench.operate("merge", { survivor, absorbed });
    if (edit) bench.done();
    else picks.pop();
    if (edit) bench.choose({ kind: "unit", id: survivor });
    else showPicks(bench, picks);
  };
  return {
    id: "merge",
    ...picking(bench, picks),
    hint: () => mergeHint(bench, picks),
    click(place) {
      pickUnit(bench, picks, place, level);
      if (picks.length === 2) void merge();
    },
  };
}

function mergeHint({ draft }: Workbench, [survivor]: number[]): string {
  if (survivor === undefined) return t("hint_merge1");
  return t("hint_merge2", { name: unitTitle(draft.coverage, survivor) });
}

export function parentTool(bench: Workbench): Tool {
  const level = bench.level === 2 ? 3 : bench.level;
  const picks = firstPick(bench, level);
  const give = async (place: Place) => {
    const unit = picks[0] as number;
    const parent = bench.draft.coverage.unitAt(place, (level - 1) as Level);
    if (!parent || parent.id === bench.draft.coverage.units.get(unit)?.parent) return;
    if (!(await bench.operate("set_parent", { unit, parent: parent.id }))) return;
    bench.done();
    bench.choose({ kind: "unit", id: unit });
  };
  return {
    id: "parent",
    ...picking(bench, picks),
    hint: () =>
      picks.length
        ? t("hint_parent2", { name: unitTitle(bench.draft.coverage, picks[0] as number) })
        : t("hint_parent1", { level: t(`levelOne_${level}`) }),
    click(place) {
      if (picks.length) void give(place);
      else pickUnit(bench, picks, place, level);
    },
  };
}

export function groupTool(bench: Workbench): Tool {
  const level = bench.level === 2 ? 3 : bench.level;
  const picks = firstPick(bench, level);
  const group = async () => {
    if (!picks.length) return;
    const known = new Set(bench.draft.coverage.units.keys());
    const edit = await bench.operate("group", { units: [...picks] });
    const made = edit?.units.changed.find(({ id }) => !known.has(id));
    if (!edit) return;
    bench.done();
    if (made) bench.choose({ kind: "unit", id: made.id });
  };
  const words = { level: t(`levelOne_${level}`), parent: t(`levelOne_${(level - 1) as 2 | 3}`) };
  return {
    id: "group",
    ...picking(bench, picks),
    hint: () => t("hint_group", { ...words, n: picks.length }),
    click: (place) => pickUnit(bench, picks, place, level),
    finish: () => void group(),
  };
}
