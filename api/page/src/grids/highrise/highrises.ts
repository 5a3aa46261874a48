// The shared polygons of the open draft, with what each micro-grid on them carries.

import type { OpenDraft } from "../draft";
import type { BurdenMap, InBand } from "../model/burden";
import type { Highrise } from "./contract";
import { readHighrises } from "./server";

const MICRO_GRID = 4;

export class Highrises {
  readonly #onRead: (units: readonly number[]) => void;
  #known = new Map<number, Highrise>();
  #days = 0;
  /** What the shares were when they were weighed. */
  #stamp = "";

  /** `onRead` is told of the units whose loads are known anew. */
  constructor(onRead: (units: readonly number[]) => void) {
    this.#onRead = onRead;
  }

  get incidentDays(): number {
    return this.#days;
  }

  of(unit: number): Highrise | undefined {
    return this.#known.get(unit);
  }

  /** Where on the band the micro-grids of a shared polygon are: as the first that is outside. */
  inBand(unit: number, burdens: BurdenMap): InBand | null {
    const all = this.of(unit)?.shares.map(({ load }) => burdens.inBand(MICRO_GRID, load.households));
    return all ? (all.find((each) => each === "over") ?? all.find((each) => each === "under") ?? "in") : null;
  }

  /** Weigh the shares of a draft where they have changed. */
  async follow({ draft, coverage }: OpenDraft): Promise<void> {
    const shared = [...coverage.units.values()].filter(({ shares }) => shares?.length);
    const stamp = JSON.stringify([draft.id, shared.map(({ id, shares }) => [id, shares])]);
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    const list = shared.length ? await readHighrises(draft.id).catch(() => null) : { highrises: [], incident_days: 0 };
    if (!list || this.#stamp !== stamp) return;
    const before = [...this.#known.keys()];
    this.#known = new Map(list.highrises.map((each) => [each.unit, each]));
    this.#days = list.incident_days;
    this.#onRead([...new Set([...before, ...this.#known.keys()])]);
  }
}
