// One open draft: what the server knows of it, and what it has not answered yet.
//
// Steps are sent one after the other. What the server did not answer is kept, in this browser too,
// until it is sent again or given up: a lost connection loses nothing.

import { recall, remember } from "../memory";
import { ServerError } from "../server";
import type { Arc, Conflict, Draft, DraftDocument, Edit, Order, Refusal, Step } from "./contract";
import type { Drawn } from "./client/contract";
import { Coverage } from "./model/coverage";
import type { DraftServer } from "./server";

/** Why steps wait: nobody answered, the draft has been edited elsewhere, the session is over. */
type Why = "silent" | "stale" | "signed_out";
export type Waiting = {
  why: Why;
  /** The draft's revision when the first of them was sent. */
  revision: number;
  orders: Order[];
} | null;

/** What has become of steps that waited: done before the connection broke, or sent now. */
export interface Outcome {
  landed: Order[];
  sent: Order[];
}

interface Listener {
  /** Something of the draft has changed: all of it where `edit` is null. */
  changed(edit: Edit | null): void;
  refused(error: ServerError, order: Order | null): void;
  waits(): void;
}

const SIGNED_OUT = 401;
const CONFLICT = 409;
const STALE = 412;
const TOO_MANY = 429;

export class OpenDraft {
  draft: Draft;
  steps: Step[];
  coverage: Coverage;
  /** The coverage that the draft stands on. */
  base: Coverage;
  waiting: Waiting;
  /** What a map client drew and nobody has settled: until then the draft has no steps of the page. */
  drawn: Drawn | null;
  busy = 0;
  readonly #server: DraftServer;
  readonly #listener: Listener;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(server: DraftServer, document: DraftDocument, base: Coverage, listener: Listener) {
    this.#server = server;
    this.#listener = listener;
    this.draft = document.draft;
    this.steps = document.steps;
    this.coverage = new Coverage(document.arcs, document.units);
    this.base = base;
    this.drawn = document.drawn ?? null;
    this.waiting = this.#recalled();
  }

  /** Read a draft from the server. */
  static async read(server: DraftServer, id: number, listener: Listener): Promise<OpenDraft> {
    const [document, changes] = await Promise.all([server.read(id), server.changes(id)]);
    const base = new Coverage(document.arcs, document.units).before(changes);
    return new OpenDraft(server, document, base, listener);
  }

  get isOpen(): boolean {
    return this.draft.state === "open";
  }

  /** Whether the server has answered everything, so that what is drawn is what it has. */
  get isSettled(): boolean {
    return !this.busy && !this.waiting;
  }

  /** Do one step; the edit, or null where it did not come about. */
  operate(kind: string, parameters: Record<string, unknown>): Promise<Edit | null> {
    const order = { kind, parameters };
    if (this.waiting) {
      this.#wait("silent", [...this.waiting.orders, order]);
      return Promise.resolve(null);
    }
    return this.#inTurn(() => this.#send(order));
  }

  undo(): Promise<Edit | null> {
    const ask = () => this.#server.undo(this.draft.id, this.draft.revision);
    return this.#inTurn(() => this.#answered(ask, () => this.#mark(true)));
  }

  redo(): Promise<Edit | null> {
    const ask = () => this.#server.redo(this.draft.id, this.draft.revision);
    return this.#inTurn(() => this.#answered(ask, () => this.#mark(false)));
  }

  /** Send what waits once more; null where the server is still silent. */
  async retry(): Promise<Outcome | null> {
    const { orders = [], revision = 0 } = this.waiting ?? {};
    try {
      await this.#server.renew();
      await this.reload();
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.#listener.refused(error, null);
      return null;
    }
    this.#keep(null);
    const landed = this.#hasLanded(orders[0], revision) ? orders.slice(0, 1) : [];
    const sent = [];
    for (const order of orders.slice(landed.length)) {
      if (await this.operate(order.kind, order.parameters)) sent.push(order);
    }
    return { landed, sent };
  }

  giveUp(): void {
    this.#keep(null);
  }

  /** Read everything anew. */
  async reload(): Promise<void> {
    const document = await this.#server.read(this.draft.id);
    const changes = await this.#server.changes(this.draft.id);
    this.draft = document.draft;
    this.steps = document.steps;
    this.coverage = new Coverage(document.arcs, document.units);
    this.base = this.coverage.before(changes);
    this.drawn = document.drawn ?? null;
    this.#listener.changed(null);
  }

  /** Take over a draft's new state, as an answer says it. */
  take(draft: Draft): void {
    this.draft = { ...this.draft, ...draft };
    this.#listener.changed(null);
    // What was drawn became a step as the draft was handed in.
    if (this.drawn) void this.reload();
  }

  dispute(conflict: Conflict): void {
    this.draft = { ...this.draft, conflict };
    this.#listener.changed(null);
  }

  /** The arcs that the draft has changed, as they are and as they were. */
  changedArcs(): { before: Arc[]; now: Arc[] } {
    const differs = (arc: Arc, other: Arc | undefined) =>
      other !== arc && JSON.stringify(arc.coords) !== JSON.stringify(other?.coords);
    const { arcs: now } = this.coverage;
    const { arcs: before } = this.base;
    return {
      now: [...now.values()].filter((arc) => differs(arc, before.get(arc.id))),
      before: [...before.values()].filter((arc) => differs(arc, now.get(arc.id))),
    };
  }

  #inTurn<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => null);
    return turn;
  }

  #send(order: Order): Promise<Edit | null> {
    if (this.waiting) {
      this.#wait(this.waiting.why, [...this.waiting.orders, order]);
      return Promise.resolve(null);
    }
    const ask = () => this.#server.operate(this.draft.id, this.draft.revision, order);
    return this.#answered(ask, ({ step }) => this.#note(order, step), order);
  }

  async #answered(
    ask: () => Promise<Edit>,
    note: (edit: Edit) => void,
    order: Order | null = null,
  ): Promise<Edit | null> {
    this.#count(1);
    try {
      const edit = await ask();
      note(edit);
      this.#take(edit);
      return edit;
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      await this.#explain(error, order);
      return null;
    } finally {
      this.#count(-1);
    }
  }

  #count(change: number): void {
    this.busy += change;
    this.#listener.waits();
  }

  async #explain(error: ServerError, order: Order | null): Promise<void> {
    const why = reasonToWait(error);
    if (order && why) this.#wait(why, [order]);
    else this.#listener.refused(error, order);
    if (why === "stale") await this.reload().catch(() => null);
    const { conflict } = (error.answer ?? {}) as Refusal;
    if (error.status === CONFLICT && conflict) this.dispute(conflict);
  }

  #take(edit: Edit): void {
    this.coverage.apply(edit);
    const { revision, can_undo, can_redo, step } = edit;
    this.draft = { ...this.draft, revision, can_undo, can_redo, steps: step };
    this.#listener.changed(edit);
  }

  /** Put a step where the undone ones were, as the server does. */
  #note(order: Order, number: number): void {
    const at = new Date().toISOString();
    const done = this.steps.filter((step) => !step.undone);
    this.steps = [...done, { ...order, number, author_name: null, at, undone: false }];
  }

  /** The last step that holds is undone, or the first undone one done again. */
  #mark(undone: boolean): void {
    const holding = (step: Step) => step.undone !== undone;
    const at = undone ? this.steps.findLastIndex(holding) : this.steps.findIndex(holding);
    this.steps = this.steps.map((step, i) => (i === at ? { ...step, undone } : step));
  }

  /** Whether a step arrived after all, though its answer did not. */
  #hasLanded(order: Order | undefined, sentAt: number): boolean {
    if (this.draft.revision === sentAt) return false;
    const last = this.steps.filter((step) => !step.undone).at(-1);
    const isIt = last?.kind === order?.kind;
    return isIt && JSON.stringify(last?.parameters) === JSON.stringify(order?.parameters);
  }

  #wait(why: Why, orders: Order[]): void {
    this.#keep({ why, orders, revision: this.waiting?.revision ?? this.draft.revision });
  }

  #keep(waiting: Waiting): void {
    this.waiting = waiting;
    remember(`unsent.${this.draft.id}`, waiting ? JSON.stringify(waiting) : "");
    this.#listener.waits();
  }

  #recalled(): Waiting {
    const kept = recall(`unsent.${this.draft.id}`);
    return kept ? { ...(JSON.parse(kept) as NonNullable<Waiting>), why: "silent" } : null;
  }
}

/** Why a step may be sent again as it is; null where it was refused for good. */
function reasonToWait({ status }: ServerError): Why | null {
  if (status === STALE) return "stale";
  if (status === SIGNED_OUT) return "signed_out";
  // Nobody answered, or only what stands before the server did.
  return status === 0 || status === TOO_MANY || status >= 502 ? "silent" : null;
}
