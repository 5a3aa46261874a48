// Tools that draw a line: split a micro-grid in two, or cut a piece off for a neighbour.

import type { Place } from "../contract";
import { unitTitle } from "../map/features";
import { t } from "../texts";
import { pickUnit, showPicks } from "./pick";
import { Sketch } from "./sketch";
import type { Tool, Workbench } from "./tool";

const LOWEST = 4;

export function splitTool(bench: Workbench): Tool {
  const sketch = new Sketch(bench.map);
  return {
    id: "split",
    hint: () => t("hint_split"),
    ...drawing(bench, sketch),
    finish: () => void split(bench, sketch),
  };
}

async function split(bench: Workbench, sketch: Sketch): Promise<void> {
  const line = [...sketch.places];
  if (line.length < 2) return;
  const unit = bench.draft.coverage.unitAt(sketch.halfWay(), LOWEST);
  if (!unit) {
    bench.complain(t("hint_split"));
    return;
  }
  const known = new Set(bench.draft.coverage.units.keys());
  const edit = await bench.operate("split", { unit: unit.id, line });
  const made = edit?.units.changed.find(({ id }) => !known.has(id));
  if (!edit) return;
  bench.done();
  bench.choose({ kind: "unit", id: made?.id ?? unit.id });
}

/** The chosen micro-grid gives, unless another one is picked. */
export function transferTool(bench: Workbench): Tool {
  const sketch = new Sketch(bench.map);
  const picks: number[] = [];
  const { selection, draft } = bench;
  if (selection.kind === "unit" && draft.coverage.units.get(selection.id)?.level === LOWEST) picks.push(selection.id);
  const draws = drawing(bench, sketch);
  showPicks(bench, picks);
  return {
    id: "transfer",
    hint: () => transferHint(bench, picks),
    click(place, pixel) {
      if (picks.length === 2) draws.click(place, pixel);
      else pickUnit(bench, picks, place, LOWEST);
    },
    hover: (place, pixel) => (picks.length === 2 ? draws.hover(place, pixel) : undefined),
    back() {
      if (sketch.places.length) draws.back();
      else picks.pop();
      showPicks(bench, picks);
      bench.tell();
    },
    finish: () => void transfer(bench, sketch, picks),
    end() {
      draws.end();
      bench.map.set("picked", []);
    },
  };
}

function transferHint({ draft }: Workbench, picks: number[]): string {
  if (picks.length < 2) return t(picks.length ? "hint_transfer2" : "hint_transfer1");
  return t("hint_transfer3", { name: unitTitle(draft.coverage, picks[1] as number) });
}

async function transfer(bench: Workbench, sketch: Sketch, [giver, taker]: number[]): Promise<void> {
  const line = [...sketch.places];
  if (line.length < 2) return;
  if (await bench.operate("transfer", { giver, taker, line })) bench.done();
}

/** Clicks go on with the line, which follows the pointer and streets. */
function drawing(bench: Workbench, sketch: Sketch) {
  bench.map.cursor("crosshair");
  return {
    click: (_place: Place, pixel: [number, number]) => sketch.add(bench.aim(pixel).place),
    hover: (_place: Place, pixel: [number, number]) => sketch.draw(bench.aim(pixel).place),
    back: () => sketch.takeBack(),
    end() {
      sketch.clear();
      bench.map.cursor("");
    },
  };
}
