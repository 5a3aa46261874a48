// Draws the draft: all of it once, and after an edit only what the edit touched.

import type { Feature } from "geojson";
import { language } from "../../language";
import type { Arc, Edit, Level, Place, Unit, Versions } from "../contract";
import type { OpenDraft } from "../draft";
import type { Highrises } from "../highrise/highrises";
import type { BurdenMap, InBand } from "../model/burden";
import type { Coverage, Trial } from "../model/coverage";
import type { Polygons } from "../model/rings";
import { facesBeside } from "../model/trial";
import { LiveLines } from "./live";
import { areaFeature, arcFeature, lineFeature, nameFeature, NAMED_LEVELS } from "./features";
import type { GridMap } from "./view";

export type Compared = "now" | "both" | "swipe" | "before";

export class Painter {
  readonly live: LiveLines;
  readonly #map: GridMap;
  #burdens: BurdenMap | null = null;
  #highrises: Highrises | null = null;
  #level: Level = 4;
  #shaded = true;

  constructor(map: GridMap) {
    this.#map = map;
    this.live = new LiveLines((place) => map.pixel(place));
  }

  weigh(burdens: BurdenMap): void {
    this.#burdens = burdens;
  }

  get burdens(): BurdenMap | null {
    return this.#burdens;
  }

  /** Whom to ask where several micro-grids share a polygon. */
  ask(highrises: Highrises): void {
    this.#highrises = highrises;
  }

  /** Which level is edited, and whether its units are coloured by their households. */
  look(level: Level, shaded: boolean): void {
    this.#level = level;
    this.#shaded = shaded;
    this.#map.show({ level });
  }

  /** What the looks of units depend on. */
  get looks(): readonly unknown[] {
    return [this.#burdens, this.#level, this.#shaded, language()];
  }

  /** A painter of another map that draws as this one does now. */
  like(map: GridMap): Painter {
    const painter = new Painter(map);
    [painter.#burdens, painter.#level, painter.#shaded] = [this.#burdens, this.#level, this.#shaded];
    painter.#highrises = this.#highrises;
    map.show({ level: this.#level });
    return painter;
  }

  /** Draw a coverage whole. */
  all(coverage: Coverage): void {
    this.#map.set("arcs", [...coverage.arcs.values()].map(arcFeature));
    this.units(coverage);
  }

  /** Write the names of all units, and shade those that are. */
  units(coverage: Coverage): void {
    const units = [...coverage.units.values()].filter(({ level }) => NAMED_LEVELS.includes(level));
    const drawn = units.map(({ id }) => this.#unit(coverage, id));
    this.#map.set("names", drawn.flatMap(({ name }) => name));
    this.#map.set("areas", drawn.flatMap(({ area }) => area));
    this.#map.set("shared", drawn.flatMap(({ shared }) => shared));
  }

  /** Draw what an edit changed. */
  edit(coverage: Coverage, { arcs, units }: Edit): void {
    this.#map.patch("arcs", arcs.changed.map(arcFeature), arcs.gone);
    const touched = touchedUnits(coverage, arcs.changed, units.changed.map(({ id }) => id));
    this.some(coverage, [...touched], units.gone);
  }

  /** Draw a few units anew. */
  some(coverage: Coverage, units: readonly number[], gone: readonly number[] = []): void {
    const drawn = units.map((id) => this.#unit(coverage, id));
    this.#map.patch("names", drawn.flatMap(({ name }) => name), gone);
    this.#map.patch("areas", drawn.flatMap(({ area }) => area), gone);
    const alone = units.filter((_, i) => !drawn[i]?.shared.length);
    this.#map.patch("shared", drawn.flatMap(({ shared }) => shared), [...gone, ...alone]);
  }

  /** Draw arcs as they would run, in place of how they do. */
  try(trial: Trial): void {
    this.live.show([...trial.values()]);
    this.#map.lift([...trial.keys()]);
  }

  choose(arc: Arc | undefined, part: Place[] | null): void {
    this.live.show(arc ? [part ?? arc.coords] : []);
    this.#map.lift([]);
    this.#map.set("marks", []);
  }

  chooseUnit(coverage: Coverage, unit: number | null): void {
    const areas = unit === null ? [] : [areaFeature(unit, coverage.polygonsOf(unit), "first")];
    this.#map.set("picked", areas);
  }

  /** Today's lines, those of before, or both. */
  compare(draft: OpenDraft, compared: Compared): void {
    const { before, now } = draft.changedArcs();
    const isDashed = compared === "both" || compared === "before";
    this.#map.set("before", !isDashed ? [] : before.map(({ coords }) => lineFeature(coords)));
    this.#map.lift(compared === "before" ? now.map(({ id }) => id) : []);
  }

  /** Both sides of what is disputed. */
  dispute(arcs: readonly Versions<Arc>[]): void {
    const sides = ["base", "theirs", "mine"] as const;
    const features = arcs.flatMap((each) =>
      sides.flatMap((side) => (each[side] ? [lineFeature(each[side].coords, { side })] : [])),
    );
    this.#map.set("versions", features);
  }

  #unit(coverage: Coverage, id: number): { name: Feature[]; area: Feature[]; shared: Feature[] } {
    const unit = coverage.units.get(id);
    if (!unit) return { name: [], area: [], shared: [] };
    const polygons = coverage.polygonsOf(id);
    const households = unit.level > 2 ? this.#households(unit, polygons) : null;
    const isShaded = this.#shaded && unit.level === this.#level && households;
    return {
      name: [nameFeature(coverage, unit, polygons, households)],
      area: isShaded ? [areaFeature(id, polygons, households.fill)] : [],
      shared: unit.shares?.length ? [areaFeature(id, polygons, "shared")] : [],
    };
  }

  #households({ id, level, shares }: Unit, polygons: Polygons): { count: number; fill: InBand } | null {
    if (!this.#burdens?.knows("households")) return null;
    const count = this.#burdens.amountIn("households", polygons);
    const ofShares = shares?.length ? this.#highrises?.inBand(id, this.#burdens) : null;
    return { count, fill: ofShares ?? this.#burdens.inBand(level, count) };
  }
}

/** The units whose shape or name an edit changed, of all levels that are named. */
export function touchedUnits(
  coverage: Coverage,
  arcs: readonly Arc[],
  units: readonly number[],
): Set<number> {
  const touched = new Set(units);
  for (const face of facesBeside(coverage, arcs.map(({ id }) => id))) {
    for (const level of NAMED_LEVELS) touched.add(coverage.above(face, level));
  }
  touched.delete(0);
  return touched;
}
