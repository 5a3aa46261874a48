// The draft on the desk: opened, weighed, and told to every part of the page when it changes.

import type { ServerError } from "../server";
import type { DraftList, Edit, Place, Refusal } from "./contract";
import type { ClientPanel } from "./client/panel";
import { OpenDraft } from "./draft";
import type { Editor } from "./editor";
import { Highrises } from "./highrise/highrises";
import { BurdenMap } from "./model/burden";
import type { ChangesPanel } from "./panels/changes";
import { deskOf, type CommentsPanel } from "./panels/comments";
import type { ConflictPanel } from "./panels/conflict";
import type { DraftsPanel } from "./panels/drafts";
import type { FaultsPanel } from "./panels/faults";
import type { Messages } from "./panels/messages";
import type { WorkloadPanel } from "./panels/workload";
import { readBurdens, type DraftServer } from "./server";
import type { TabId } from "./tabs";
import type { Today } from "./today/today";
import { ruleWords } from "./texts";

export interface Parts {
  server: DraftServer;
  editor: Editor;
  messages: Messages;
  workload: WorkloadPanel;
  drafts: DraftsPanel;
  faults: FaultsPanel;
  changes: ChangesPanel;
  conflict: ConflictPanel;
  client: ClientPanel;
  comments: CommentsPanel;
  today: Today;
  showTab: (id: TabId) => void;
  onTurn: () => void;
  isPhone: boolean;
}

interface Opening {
  after?: Promise<unknown>;
  tab?: TabId | undefined;
}

const REFUSED_CLOSE = 17.5;
const INCIDENT_DAYS = 90;
const COVERAGE_LAYERS = ["villages", "grids", "micro-grids"];

export class DraftDesk {
  readonly #parts: Parts;
  #list: DraftList | null = null;
  #burdens: { map: BurdenMap; days: number } | null = null;
  readonly #highrises = new Highrises((units) => this.#weighShares(units));

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.editor.painter.ask(this.#highrises);
  }

  get mayMoveOutline(): boolean {
    return this.#list?.may_move_outline ?? false;
  }

  know(list: DraftList): void {
    this.#list = list;
  }

  /** List the drafts, open the one in the address, and weigh the ground when they stand. */
  async start(): Promise<void> {
    const listed = this.#parts.drafts.read();
    const wanted = Number(new URLSearchParams(location.search).get("draft"));
    const shown = wanted ? this.open(wanted, { after: listed }) : this.#parts.today.read();
    await Promise.all([listed, shown, this.weigh()]);
  }

  /** Open a draft, once it is read and `after` is done; `tab` is what is seen of it first. */
  async open(id: number, { after = Promise.resolve(), tab = "edit" }: Opening = {}): Promise<void> {
    const { editor, messages, isPhone } = this.#parts;
    const reading = OpenDraft.read(this.#parts.server, id, this.#listener());
    const [draft] = await Promise.all([reading, after]).catch((error: ServerError) => {
      messages.refuse(error.message);
      return [null];
    });
    if (!draft) return;
    history.replaceState(null, "", `?draft=${id}${location.hash}`);
    messages.clear();
    this.#parts.faults.clear();
    this.#use(draft);
    const { chosen } = this.#parts.today;
    this.#parts.today.leave();
    editor.open(draft, !isPhone && (this.#list?.may_edit ?? false));
    if (chosen !== null && draft.coverage.units.has(chosen)) editor.choose({ kind: "unit", id: chosen });
    this.#parts.changes.clear();
    this.#parts.drafts.mark(id);
    this.#parts.conflict.show();
    void this.#parts.client.show();
    this.#parts.showTab(isPhone || draft.drawn ? "changes" : tab);
    await this.#parts.comments.open(deskOf(this.#parts.server, id));
  }

  undo(): void {
    const { editor } = this.#parts;
    if (editor.mayEdit && editor.draft.draft.can_undo) void editor.draft.undo();
  }

  redo(): void {
    const { editor } = this.#parts;
    if (editor.mayEdit && editor.draft.draft.can_redo) void editor.draft.redo();
  }

  /** Send what waits once more, where something does. */
  async retry(): Promise<void> {
    const { editor, messages } = this.#parts;
    if (!editor.hasDraft || !editor.draft.waiting) return;
    const outcome = await editor.draft.retry();
    if (outcome) messages.tell(outcome);
  }

  giveUp(): void {
    this.#parts.editor.draft.giveUp();
    this.#parts.editor.refresh(null);
  }

  /** When the coverage of today changes, a draft's base may be old. */
  async hear(touched: ReadonlySet<string> | null): Promise<void> {
    if (touched && !COVERAGE_LAYERS.some((id) => touched.has(id))) return;
    const { editor, conflict } = this.#parts;
    const list = await this.#parts.drafts.read();
    if (!editor.hasDraft) await this.#parts.today.read();
    if (!list || !editor.hasDraft) return;
    const { draft } = editor;
    const fresh = list.drafts.find(({ id }) => id === draft.draft.id);
    if (fresh) draft.draft = { ...draft.draft, is_stale: fresh.is_stale };
    conflict.show();
  }

  #listener(): Parameters<typeof OpenDraft.read>[2] {
    return {
      changed: (edit) => this.#changed(edit),
      refused: (error) => this.#refused(error),
      waits: () => this.#parts.onTurn(),
    };
  }

  #use(draft: OpenDraft): void {
    const { map = null, days = INCIDENT_DAYS } = this.#burdens ?? {};
    this.#parts.workload.use({ draft, burdens: map, incidentDays: days, highrises: this.#highrises });
    void this.#highrises.follow(draft);
  }

  /** What micro-grids in high-rises carry is known. */
  #weighShares(units: readonly number[]): void {
    const { editor, onTurn } = this.#parts;
    if (!editor.hasDraft) return;
    const { coverage } = editor.draft;
    editor.painter.some(coverage, units.filter((id) => coverage.units.has(id)));
    onTurn();
  }

  /** Weigh the ground, at the start and when the rules are others. */
  async weigh(): Promise<void> {
    const burdens = await readBurdens().catch(() => null);
    if (!burdens) return;
    const { editor } = this.#parts;
    this.#burdens = { map: new BurdenMap(burdens), days: burdens.incident_days };
    editor.painter.weigh(this.#burdens.map);
    if (!editor.hasDraft) return this.#parts.today.weigh(this.#burdens.map, this.#burdens.days);
    this.#use(editor.draft);
    editor.painter.units(editor.draft.coverage);
    this.#parts.onTurn();
  }

  #changed(edit: Edit | null): void {
    const { editor } = this.#parts;
    if (!edit) this.#use(editor.draft);
    this.#parts.messages.clear();
    editor.refresh(edit);
    void this.#highrises.follow(editor.draft);
    this.#parts.conflict.show();
    void this.#parts.client.show();
    if (editor.draft.draft.conflict) this.#parts.showTab("changes");
  }

  #refused(error: ServerError): void {
    const { map } = this.#parts.editor;
    const { rule, place } = (error.answer ?? {}) as Refusal;
    const look = (at: Place) => map.fit([...at, ...at], REFUSED_CLOSE);
    this.#parts.messages.refuse(ruleWords(rule, error.message), place ?? null, look);
    if (place) map.set("marks", [{ type: "Feature", geometry: { type: "Point", coordinates: place }, properties: {} }]);
  }
}
