// The editor's page put together.

import { followChanges } from "../changes";
import type { Layer, Session, Town } from "../contract";
import { h } from "../dom";
import { onLanguage } from "../language";
import { mapButtons } from "../map/buttons";
import { hasWebgl2 } from "../map/webgl";
import { foot } from "../panels/foot";
import { head } from "../panels/head";
import { mapMissing } from "../panels/missing";
import { Sheet } from "../panels/sheet";
import type { ServerError } from "../server";
import { onTheme } from "../theme";
import type { DraftList, Edit, Order, Place, Refusal } from "./contract";
import { OpenDraft } from "./draft";
import { Editor } from "./editor";
import { listenToKeys } from "./keys";
import { GridMap } from "./map/view";
import { BurdenMap } from "./model/burden";
import { ChangesPanel } from "./panels/changes";
import { CommentsPanel, type CommentDesk } from "./panels/comments";
import { ConflictPanel } from "./panels/conflict";
import { DraftsPanel } from "./panels/drafts";
import { EditPanel } from "./panels/edit";
import { FaultsPanel } from "./panels/faults";
import { HistoryPanel } from "./panels/history";
import { Messages } from "./panels/messages";
import { Toolbar } from "./panels/toolbar";
import { WorkloadPanel } from "./panels/workload";
import { readBurdens, type DraftServer } from "./server";
import { ruleWords, t } from "./texts";
import { NOTHING_CHOSEN, type Selection } from "./tools/tool";

const TABS = ["drafts", "edit", "faults", "changes", "comments", "history"] as const;
type TabId = (typeof TABS)[number];
const TAB_WORDS = {
  drafts: "tabDrafts",
  edit: "tabEdit",
  faults: "tabFaults",
  changes: "tabChanges",
  comments: "tabComments",
  history: "tabHistory",
} as const;
/** Narrower than this the page is for looking and commenting. */
const PHONE = "(max-width: 46rem)";
const REFUSED_CLOSE = 17.5;

export class GridsPage {
  readonly element: HTMLElement;
  readonly #server: DraftServer;
  readonly #ground = h("div", { class: "map" });
  readonly #messages: Messages;
  readonly #toolbar: Toolbar;
  readonly #workload = new WorkloadPanel();
  readonly #editor: Editor;
  readonly #drafts: DraftsPanel;
  readonly #edit: EditPanel;
  readonly #faults: FaultsPanel;
  readonly #changes: ChangesPanel;
  readonly #conflict: ConflictPanel;
  readonly #comments: CommentsPanel;
  readonly #history: HistoryPanel;
  readonly #sheet: Sheet;
  readonly #phone = matchMedia(PHONE).matches;
  #burdens: { map: BurdenMap; days: number } | null = null;
  #list: DraftList | null = null;
  #selection: Selection = NOTHING_CHOSEN;

  constructor(town: Town, layers: readonly Layer[], session: Session, server: DraftServer) {
    this.#server = server;
    this.#messages = new Messages({
      onRetry: () => void this.#editor.draft.retry(),
      onGiveUp: () => this.#giveUp(),
    });
    const map = new GridMap({
      container: this.#ground,
      bounds: town.bounds ?? [0, 0, 1, 1],
      layers,
      onClick: (place, pixel) => this.#editor.click(place, pixel),
      onDoubleClick: () => this.#editor.tool?.finish?.(),
      onHover: (place, pixel) => this.#editor.hover(place, pixel),
      onMove: () => this.#editor.follow(),
    });
    this.#editor = this.#makeEditor(map);
    this.#toolbar = new Toolbar({
      onTool: (id) => this.#editor.take(id),
      onUndo: () => this.#undo(),
      onRedo: () => this.#redo(),
      onLevel: (level, shaded) => this.#editor.turnTo(level, shaded),
      onFinish: () => this.#editor.tool?.finish?.(),
      onCancel: () => this.#editor.take("select"),
    });
    const timeZone = town.time_zone;
    this.#drafts = new DraftsPanel({
      server,
      timeZone,
      mayBegin: !this.#phone,
      onOpen: (id) => void this.openDraft(id),
      onList: (list) => this.#know(list),
    });
    this.#edit = new EditPanel(this.#editor, this.#workload, layers, () => this.#list?.may_move_outline ?? false);
    this.#faults = new FaultsPanel(this.#editor, server);
    this.#changes = new ChangesPanel({
      editor: this.#editor,
      server,
      timeZone,
      mayDecide: !this.#phone,
      onFaults: (faults) => {
        this.#faults.list(faults);
        this.#sheet.show("faults");
      },
      onState: () => void this.#drafts.read(),
    });
    this.#conflict = new ConflictPanel(this.#editor, server);
    this.#comments = new CommentsPanel({ map, timeZone, onPin: () => this.#editor.hasDraft && this.#editor.take("comment") });
    this.#history = new HistoryPanel({ map, today: town.now.slice(0, 10), timeZone });
    this.#sheet = this.#makeSheet(town, session);
    const stage = h(
      "main",
      { class: "stage" },
      this.#ground,
      this.#editor.painter.live.element,
      this.#editor.handles.element,
      this.#toolbar.element,
      this.#toolbar.hint,
      this.#messages.element,
      mapButtons(map),
      foot(town, layers),
    );
    this.element = h("div", { class: "page grids" }, stage, this.#sheet.element);
    onLanguage(() => this.#turn());
    onLanguage(() => this.#repaint());
    onTheme(() => this.#editor.follow());
  }

  /** List the drafts, open the one in the address, and weigh the ground. */
  async start(): Promise<void> {
    listenToKeys(this.#editor, {
      undo: () => this.#undo(),
      redo: () => this.#redo(),
      before: (held) => this.#changes.compare(held ? "before" : "now"),
    });
    window.addEventListener("online", () => this.#editor.hasDraft && this.#editor.draft.waiting && void this.#editor.draft.retry());
    followChanges((touched) => void this.#hear(touched));
    this.#turn();
    await Promise.all([this.#drafts.read(), this.#weigh()]);
    const wanted = Number(new URLSearchParams(location.search).get("draft"));
    if (wanted) await this.openDraft(wanted);
  }

  async openDraft(id: number): Promise<void> {
    const listener = {
      changed: (edit: Edit | null) => this.#changed(edit),
      refused: (error: ServerError, order: Order | null) => this.#refused(error, order),
      waits: () => this.#turn(),
    };
    const draft = await OpenDraft.read(this.#server, id, listener).catch((error: ServerError) => {
      this.#messages.refuse(error.message);
      return null;
    });
    if (!draft) return;
    history.replaceState(null, "", `?draft=${id}${location.hash}`);
    this.#messages.clear();
    this.#faults.clear();
    this.#use(draft);
    this.#editor.open(draft, !this.#phone && (this.#list?.may_edit ?? false));
    this.#changes.clear();
    this.#drafts.mark(id);
    this.#conflict.show();
    this.#sheet.show(this.#phone ? "changes" : "edit");
    await this.#comments.open(this.#commentDesk(id));
  }

  #makeEditor(map: GridMap): Editor {
    return new Editor({
      map,
      onTurn: () => this.#turn(),
      onTrial: (trial) => this.#workload.show(this.#editor.selection, trial),
      onSnap: (snapped) => this.#sayOnto(snapped?.onto ?? null),
      onComplaint: (words) => this.#messages.refuse(words),
      onComment: (place) => {
        this.#sheet.show("comments");
        this.#sheet.grow();
        this.#comments.begin(place);
      },
    });
  }

  #makeSheet(town: Town, session: Session): Sheet {
    const panels: Record<TabId, HTMLElement> = {
      drafts: this.#drafts.element,
      edit: this.#edit.element,
      faults: this.#faults.element,
      changes: h("div", {}, this.#conflict.element, this.#changes.element),
      comments: this.#comments.element,
      history: this.#history.element,
    };
    const ids = TABS.filter((id) => !this.#phone || (id !== "edit" && id !== "faults"));
    const tabs = ids.map((id) => ({ id, title: () => t(TAB_WORDS[id]), content: panels[id] }));
    return new Sheet(head(town, session), tabs, "drafts", (id) => this.#leaveHistory(id));
  }

  #leaveHistory(tab: string): void {
    if (tab !== "history") this.#history.leave();
  }

  #use(draft: OpenDraft): void {
    this.#workload.use({ draft, burdens: this.#burdens?.map ?? null, incidentDays: this.#burdens?.days ?? 90 });
  }

  async #weigh(): Promise<void> {
    const burdens = await readBurdens().catch(() => null);
    if (!burdens) return;
    this.#burdens = { map: new BurdenMap(burdens), days: burdens.incident_days };
    this.#editor.painter.weigh(this.#burdens.map);
    if (this.#editor.hasDraft) this.#use(this.#editor.draft);
    this.#repaint();
  }

  #repaint(): void {
    if (this.#editor.hasDraft) this.#editor.painter.all(this.#editor.draft.coverage);
  }

  #know(list: DraftList): void {
    this.#list = list;
    this.#history.list(list.drafts);
  }

  #changed(edit: Edit | null): void {
    if (!edit) this.#use(this.#editor.draft);
    this.#messages.clear();
    this.#editor.refresh(edit);
    this.#conflict.show();
    if (this.#editor.draft.draft.conflict) this.#sheet.show("changes");
  }

  #refused(error: ServerError, _order: Order | null): void {
    const { rule, place } = (error.answer ?? {}) as Refusal;
    const look = (at: Place) => this.#editor.map.fit([...at, ...at], REFUSED_CLOSE);
    this.#messages.refuse(ruleWords(rule, error.message), place ?? null, look);
    if (place) this.#editor.map.set("marks", [{ type: "Feature", geometry: { type: "Point", coordinates: place }, properties: {} }]);
  }

  #undo(): void {
    if (this.#editor.mayEdit && this.#editor.draft.draft.can_undo) void this.#editor.draft.undo();
  }

  #redo(): void {
    if (this.#editor.mayEdit && this.#editor.draft.draft.can_redo) void this.#editor.draft.redo();
  }

  #giveUp(): void {
    this.#editor.draft.giveUp();
    this.#editor.refresh(null);
  }

  /** Show everything that depends on what is chosen, on the tool, or on what waits. */
  #turn(): void {
    const editor = this.#editor;
    const draft = editor.hasDraft ? editor.draft : null;
    this.#toolbar.show({
      tool: editor.tool,
      mayEdit: editor.mayEdit,
      canUndo: draft?.draft.can_undo ?? false,
      canRedo: draft?.draft.can_redo ?? false,
      busy: Boolean(draft?.busy || draft?.waiting),
      name: draft?.draft.name ?? null,
    });
    this.#messages.wait(draft?.waiting ?? null);
    this.#edit.show();
    this.#changes.show();
    if (draft) this.#faults.age(draft.draft.revision);
    if (editor.selection !== this.#selection) {
      this.#selection = editor.selection;
      if (editor.selection.kind !== "none" && !this.#phone) this.#sheet.show("edit");
    }
  }

  #sayOnto(onto: { layer: string; name: string } | null): void {
    this.#ground.dataset.onto = onto ? t(onto.layer === "water" ? "snappedWater" : "snappedStreets", { name: onto.name }) : "";
  }

  /** When the coverage of today changes, a draft's base may be old. */
  async #hear(touched: ReadonlySet<string> | null): Promise<void> {
    if (touched && !["villages", "grids", "micro-grids"].some((id) => touched.has(id))) return;
    const list = await this.#drafts.read();
    if (!list || !this.#editor.hasDraft) return;
    const { draft } = this.#editor;
    const fresh = list.drafts.find(({ id }) => id === draft.draft.id);
    if (fresh) draft.draft = { ...draft.draft, is_stale: fresh.is_stale };
    this.#conflict.show();
  }

  #commentDesk(id: number): CommentDesk {
    const server = this.#server;
    return {
      read: () => server.comments(id),
      send: (place, text, nickname) => server.comment(id, place, text, nickname),
      links: {
        read: async () => (await server.links(id)).links,
        add: async (label) => (await server.addLink(id, label)).token,
        end: (link) => server.endLink(id, link),
      },
    };
  }
}

/** Whether this browser can draw the map; else what to say in its place. */
export function withoutMap(town: Town): HTMLElement | null {
  if (hasWebgl2() && town.bounds) return null;
  return mapMissing(town.bounds === null ? "noBounds" : "noWebglWhy");
}
