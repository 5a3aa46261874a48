// Lay the chosen edge along a street or a water that is clicked; pin a note.

import type { Place } from "../contract";
import type { Beside, GridMap } from "../map/view";
import { lineFeature } from "../map/features";
import type { Pixel } from "../model/plane";
import { t } from "../texts";
import type { Tool, Workbench } from "./tool";

const NEAR_PX = 8;

export function followTool(bench: Workbench): Tool {
  const { map } = bench;
  const follow = async ({ layer, id }: Beside) => {
    const { selection, draft } = bench;
    if (selection.kind !== "arc") return;
    const last = (draft.coverage.arcs.get(selection.id)?.coords.length ?? 1) - 1;
    const run = selection.run ?? { first: 0, last };
    const edit = await bench.operate("follow", { arc: selection.id, ...run, layer, feature: id });
    if (edit) bench.done();
  };
  return {
    id: "follow",
    hint: () => t(bench.selection.kind === "arc" ? "hint_follow" : "hint_choose"),
    click(_place, pixel) {
      const line = map.beside(pixel, NEAR_PX)[0];
      if (line) void follow(line);
    },
    hover: (_place, pixel) => void streetUnder(map, pixel),
    end() {
      map.set("sketch", []);
      map.cursor("");
    },
  };
}

/** The street or water at a pixel, shown as what a click would take. */
export function streetUnder(map: GridMap, pixel: Pixel): Beside | undefined {
  const line = map.beside(pixel, NEAR_PX)[0];
  map.cursor(line ? "pointer" : "crosshair");
  map.set("sketch", line?.geometry.type === "LineString" ? [lineFeature(line.geometry.coordinates as Place[])] : []);
  return line;
}

export function commentTool(bench: Workbench): Tool {
  bench.map.cursor("crosshair");
  return {
    id: "comment",
    hint: () => t("hint_comment"),
    click(place) {
      bench.startComment(place);
      bench.done();
    },
    end: () => bench.map.cursor(""),
  };
}
