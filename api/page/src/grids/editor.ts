// The editor: the open draft, what is chosen in it, the tool in hand, and the map that shows them.

import type { Edit, Level, Place } from "./contract";
import type { OpenDraft } from "./draft";
import { Handles } from "./map/handles";
import { Painter, type Compared } from "./map/painter";
import { Swipe } from "./map/swipe";
import { snap, type Snapped } from "./map/snapping";
import type { GridMap } from "./map/view";
import type { BurdenMap } from "./model/burden";
import type { Trial } from "./model/coverage";
import { boxOf, type Pixel } from "./model/plane";
import { moveOrder, tried, type Grip } from "./model/trial";
import { makeTool } from "./tools/registry";
import { NOTHING_CHOSEN, type Run, type Selection, type Tool, type ToolId, type Workbench } from "./tools/tool";

interface Options {
  map: GridMap;
  /** A map that only follows another one. */
  makeLedMap: (container: HTMLElement) => GridMap;
  /** What is chosen, or the tool, or its wish has changed. */
  onTurn: () => void;
  onTrial: (trial: Trial | null) => void;
  /** Whether whoever draws may change the outline. */
  mayMoveOutline: () => boolean;
  onSnap: (snapped: Snapped | null) => void;
  onComplaint: (words: string) => void;
  onComment: (place: Place) => void;
}

export class Editor implements Workbench {
  readonly map: GridMap;
  readonly painter: Painter;
  readonly handles: Handles;
  readonly swipe: Swipe;
  readonly #options: Options;
  #draft: OpenDraft | null = null;
  #tool: Tool | null = null;
  #mayEdit = false;
  level: Level = 4;
  selection: Selection = NOTHING_CHOSEN;
  /** The town beyond the outline, where the outline is moved. */
  neighbour = "";
  /** False while Alt is held. */
  snapping = true;

  constructor(options: Options) {
    this.#options = options;
    this.map = options.map;
    this.painter = new Painter(options.map);
    this.swipe = new Swipe(options.map, options.makeLedMap);
    this.handles = new Handles({
      pixel: (place) => this.map.pixel(place),
      aim: (pixel, event) => this.#aimed(pixel, !event.altKey),
      onTry: (grip, to) => this.#try(grip, to),
      onDrop: (grip, to) => void this.#drop(grip, to),
      onCancel: () => this.#settle(),
      onRemove: (grip) => this.#remove(grip),
      onMark: (grip) => this.#mark(grip),
    });
  }

  get draft(): OpenDraft {
    if (!this.#draft) throw new Error("no draft is open");
    return this.#draft;
  }

  get hasDraft(): boolean {
    return this.#draft !== null;
  }

  get mayEdit(): boolean {
    return this.#mayEdit && this.#draft !== null && this.#draft.isOpen && !this.#draft.drawn;
  }

  get burdens(): BurdenMap | null {
    return this.painter.burdens;
  }

  get mayMoveOutline(): boolean {
    return this.#options.mayMoveOutline();
  }

  get tool(): Tool | null {
    return this.#tool;
  }

  /** Show a draft, whole. */
  open(draft: OpenDraft, mayEdit: boolean): void {
    this.#tool?.end();
    this.#draft = draft;
    this.#mayEdit = mayEdit;
    this.selection = NOTHING_CHOSEN;
    this.painter.all(draft.coverage);
    this.take("select");
  }

  /** Draw what has changed: of an edit, or all. */
  refresh(edit: Edit | null): void {
    if (edit) this.painter.edit(this.draft.coverage, edit);
    else this.painter.all(this.draft.coverage);
    if (!this.#stillThere()) this.selection = NOTHING_CHOSEN;
    this.#tool?.changed?.();
    this.#settle();
    this.#options.onTurn();
  }

  take(id: ToolId): void {
    this.#tool?.end();
    this.#tool = makeTool(id, this);
    this.#settle();
    this.#options.onTurn();
  }

  choose(selection: Selection): void {
    this.selection = selection;
    this.neighbour = "";
    this.#settle();
    this.#options.onTurn();
  }

  turnTo(level: Level, shaded: boolean): void {
    this.level = level;
    this.painter.look(level, shaded);
    this.choose(NOTHING_CHOSEN);
    if (this.#draft) {
      this.painter.all(this.#draft.coverage);
      this.take(this.#tool?.id ?? "select");
    }
  }

  operate(kind: string, parameters: Record<string, unknown>): Promise<Edit | null> {
    return this.draft.operate(kind, parameters);
  }

  aim(pixel: Pixel): Snapped {
    const snapped = snap(this.map, pixel, this.snapping);
    this.#options.onSnap(snapped.onto ? snapped : null);
    return snapped;
  }

  tell(): void {
    this.#options.onTurn();
  }

  done(): void {
    this.take("select");
  }

  complain(words: string): void {
    this.#options.onComplaint(words);
  }

  startComment(place: Place): void {
    this.#options.onComment(place);
  }

  /** What the neighbour town is called: only then the outline can be moved. */
  nameNeighbour(name: string): void {
    this.neighbour = name.trim();
    this.#settle();
  }

  compare(compared: Compared): void {
    if (!this.#draft) return;
    this.painter.compare(this.#draft, compared);
    if (compared === "swipe") this.swipe.show(this.#draft.base, this.painter);
    else this.swipe.hide();
  }

  click(place: Place, pixel: Pixel): void {
    if (this.#draft) this.#tool?.click(place, pixel);
  }

  hover(place: Place, pixel: Pixel): void {
    if (this.#draft) this.#tool?.hover?.(place, pixel);
  }

  /** The map has moved under what is drawn over it. */
  follow(): void {
    this.handles.place();
    this.painter.live.place();
    this.swipe.follow();
  }

  zoomToUnit(unit: number): void {
    this.map.fit(this.draft.coverage.boxOf(unit));
  }

  zoomToArc(coords: readonly Place[]): void {
    this.map.fit(boxOf(coords), 18.5);
  }

  #stillThere(): boolean {
    const { selection } = this;
    if (selection.kind === "arc") return this.draft.coverage.arcs.has(selection.id);
    return selection.kind === "none" || this.draft.coverage.units.has(selection.id);
  }

  /** Show what is chosen as it stands. */
  #settle(): void {
    const { selection } = this;
    const coverage = this.#draft?.coverage;
    const arc = selection.kind === "arc" ? coverage?.arcs.get(selection.id) : undefined;
    const run = selection.kind === "arc" ? selection.run : null;
    this.painter.choose(arc, run && arc ? arc.coords.slice(run.first, run.last + 1) : null);
    if (coverage && this.#tool?.id === "select") {
      this.painter.chooseUnit(coverage, selection.kind === "unit" ? selection.id : null);
    }
    const movable = arc && this.mayEdit && (arc.level > 1 || this.neighbour) && this.#tool?.id === "select";
    this.handles.show(movable ? arc : null);
    this.handles.mark((grip) => isEnd(grip, run));
    this.#options.onTrial(null);
    this.#options.onSnap(null);
  }

  #aimed(pixel: Pixel, snapping: boolean): Place {
    this.snapping = snapping;
    return this.aim(pixel).place;
  }

  #try(grip: Grip, to: Place): void {
    const trial = tried(this.draft.coverage, grip, to);
    this.painter.try(trial);
    this.#options.onTrial(trial);
  }

  async #drop(grip: Grip, to: Place): Promise<void> {
    const { kind, parameters } = moveOrder(this.draft.coverage, grip, to, this.neighbour);
    const edit = await this.operate(kind, parameters);
    // What waits for the server stays as it was drawn.
    if (!edit && !this.draft.waiting) this.#settle();
  }

  #remove(grip: Grip): void {
    if (grip.kind === "vertex") void this.operate("remove_vertex", { arc: grip.arc, vertex: grip.index });
  }

  /** The first mark begins a run, the second ends it, a third begins anew. */
  #mark(grip: Grip): void {
    if (this.selection.kind !== "arc" || grip.kind === "middle") return;
    const { coords } = this.draft.coverage.arcs.get(grip.arc) ?? { coords: [] };
    const at = grip.kind === "vertex" ? grip.index : grip.at === coords[0] ? 0 : coords.length - 1;
    const { run, id } = this.selection;
    const begun = run && run.first === run.last ? run.first : null;
    const [first, last] = begun === null ? [at, at] : [Math.min(begun, at), Math.max(begun, at)];
    this.choose({ kind: "arc", id, run: { first, last } });
  }
}

function isEnd(grip: Grip, run: Run | null): boolean {
  return run !== null && grip.kind === "vertex" && (grip.index === run.first || grip.index === run.last);
}
