// The coverage as this page knows it: shared edges, units, and the polygons that follow from them.

import type { Arc, Changes, Edit, Level, Place, Unit } from "../contract";
import { boxOf, holds, type Box } from "./plane";
import { polygonsOf, ringsOf, type Polygons } from "./rings";

/** Where arcs run while somebody drags them: by the arc's id. */
export type Trial = ReadonlyMap<number, Place[]>;

const UNTOUCHED: Trial = new Map();
const OUTSIDE = 0;

export class Coverage {
  readonly arcs: Map<number, Arc>;
  readonly units: Map<number, Unit>;
  /** The arcs around each micro-grid. */
  readonly #arcsOf = new Map<number, Set<number>>();
  #children = new Map<number, number[]>();
  readonly #grounds = new Map<number, { polygons: Polygons; box: Box }>();

  constructor(arcs: Iterable<Arc>, units: Iterable<Unit>) {
    this.arcs = new Map();
    this.units = new Map();
    this.#put([...arcs], [...units], [], []);
  }

  /** Take over what an edit changed. */
  apply({ arcs, units }: Pick<Edit, "arcs" | "units">): void {
    this.#put(arcs.changed, units.changed, arcs.gone, units.gone);
  }

  /** The coverage that a draft stands on: this one without what the draft changed. */
  before({ arcs, units }: Changes): Coverage {
    const base = new Coverage(this.arcs.values(), this.units.values());
    const there = new Set(arcs.before.map(({ id }) => id));
    const gone = arcs.changed.map(({ id }) => id).filter((id) => !there.has(id));
    base.apply({
      arcs: { changed: arcs.before, gone },
      units: {
        changed: units.flatMap(({ before }) => before ?? []),
        gone: units.flatMap(({ id, before }) => (before ? [] : [id])),
      },
    });
    return base;
  }

  unitsOf(level: Level): Unit[] {
    return [...this.units.values()].filter((unit) => unit.level === level);
  }

  children(unit: number): readonly number[] {
    return this.#children.get(unit) ?? [];
  }

  /** The micro-grids of a unit; of a micro-grid itself. */
  facesOf(unit: number): number[] {
    const children = this.children(unit);
    return children.length ? children.flatMap((child) => this.facesOf(child)) : [unit];
  }

  /** The unit of a level that a unit lies in, 0 outside. */
  above(unit: number, level: Level): number {
    let at = this.units.get(unit);
    while (at && at.level > level) at = this.units.get(at.parent);
    return at?.level === level ? at.id : OUTSIDE;
  }

  /** The arcs of which exactly one side lies in a unit. */
  arcsAround(unit: number): Arc[] {
    const faces = this.facesOf(unit);
    const own = new Set(faces);
    const ids = new Set(faces.flatMap((face) => [...(this.#arcsOf.get(face) ?? [])]));
    return [...ids]
      .map((id) => this.arcs.get(id) as Arc)
      .filter(({ left, right }) => own.has(left) !== own.has(right));
  }

  /** The polygons of a unit, as some arcs run for the time being. */
  polygonsOf(unit: number, trial: Trial = UNTOUCHED): Polygons {
    const own = new Set(this.facesOf(unit));
    const lines = this.arcsAround(unit).map((arc) => {
      const coords = trial.get(arc.id) ?? arc.coords;
      return own.has(arc.left) ? coords : coords.toReversed();
    });
    return polygonsOf(ringsOf(lines));
  }

  /** The units of a unit's level that share an edge with it. */
  neighbours(unit: number): number[] {
    const level = this.units.get(unit)?.level ?? 4;
    const around = this.arcsAround(unit).flatMap(({ left, right }) => [left, right]);
    const units = new Set(around.map((face) => this.above(face, level)));
    units.delete(unit);
    units.delete(OUTSIDE);
    return [...units];
  }

  /** The unit of a level at a place. */
  unitAt(place: Place, level: Level): Unit | undefined {
    for (const face of this.#arcsOf.keys()) {
      if (face === OUTSIDE) continue;
      const { polygons, box } = this.#ground(face);
      const [west, south, east, north] = box;
      const [lon, lat] = place;
      if (lon < west || lon > east || lat < south || lat > north) continue;
      if (holds(polygons.flat(), place)) return this.units.get(this.above(face, level));
    }
    return undefined;
  }

  /** The arcs that end at a place, as `coords` states it. */
  arcsAt([lon, lat]: Place): Arc[] {
    const isIt = (place: Place | undefined) => place?.[0] === lon && place[1] === lat;
    return [...this.arcs.values()].filter(({ coords }) => isIt(coords[0]) || isIt(coords.at(-1)));
  }

  boxOf(unit: number): Box {
    return boxOf(this.arcsAround(unit).flatMap(({ coords }) => coords));
  }

  #ground(face: number): { polygons: Polygons; box: Box } {
    const known = this.#grounds.get(face);
    if (known) return known;
    const polygons = this.polygonsOf(face);
    const made = { polygons, box: boxOf(polygons.flat(2)) };
    this.#grounds.set(face, made);
    return made;
  }

  #put(changed: Arc[], units: Unit[], gone: number[], goneUnits: number[]): void {
    for (const id of [...gone, ...changed.map((arc) => arc.id)]) this.#drop(id);
    for (const arc of changed) this.#add(arc);
    for (const id of goneUnits) {
      this.units.delete(id);
      this.#grounds.delete(id);
    }
    for (const unit of units) this.units.set(unit.id, unit);
    if (units.length || goneUnits.length) this.#adopt();
  }

  #drop(id: number): void {
    const arc = this.arcs.get(id);
    if (!arc) return;
    this.arcs.delete(id);
    for (const face of [arc.left, arc.right]) {
      const ids = this.#arcsOf.get(face);
      ids?.delete(id);
      if (!ids?.size) this.#arcsOf.delete(face);
      this.#grounds.delete(face);
    }
  }

  #add(arc: Arc): void {
    this.arcs.set(arc.id, arc);
    for (const face of [arc.left, arc.right]) {
      const ids = this.#arcsOf.get(face) ?? new Set();
      this.#arcsOf.set(face, ids.add(arc.id));
      this.#grounds.delete(face);
    }
  }

  #adopt(): void {
    this.#children = new Map();
    for (const { id, parent } of this.units.values()) {
      const siblings = this.#children.get(parent);
      if (siblings) siblings.push(id);
      else this.#children.set(parent, [id]);
    }
  }
}
