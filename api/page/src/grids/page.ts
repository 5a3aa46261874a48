// The editor's page put together.

import { followChanges } from "../changes";
import type { Layer, Session, Town } from "../contract";
import { h } from "../dom";
import { onLanguage } from "../language";
import { head } from "../panels/head";
import { Sheet } from "../panels/sheet";
import { onTheme } from "../theme";
import { ClientPanel } from "./client/panel";
import type { Level, Place } from "./contract";
import { DraftDesk } from "./draft-desk";
import { Editor } from "./editor";
import { listenToKeys } from "./keys";
import { GridMap } from "./map/view";
import type { Pixel } from "./model/plane";
import { ChangesPanel } from "./panels/changes";
import { CommentsPanel } from "./panels/comments";
import { ConflictPanel } from "./panels/conflict";
import { DraftsPanel } from "./panels/drafts";
import { EditPanel } from "./panels/edit";
import { FaultsPanel } from "./panels/faults";
import { FilesPanel } from "./panels/files";
import { HistoryPanel } from "./panels/history";
import { Messages } from "./panels/messages";
import { PictureChooser } from "./panels/picture";
import { button } from "./panels/rows";
import { Toolbar } from "./panels/toolbar";
import { WorkloadPanel } from "./panels/workload";
import { PlaceBox } from "./place-box";
import type { DraftServer } from "./server";
import { RulesDialog } from "./rules/dialog";
import { t as ofRules } from "./rules/texts";
import { Stage } from "./stage";
import { makeTabs } from "./tabs";
import { Ahead } from "./today/ahead";
import { t as ofToday } from "./today/texts";
import { Today } from "./today/today";
import { NOTHING_CHOSEN, type Selection } from "./tools/tool";

/** Narrower than this the page is for looking and commenting. */
const PHONE = "(max-width: 46rem)";

export class GridsPage {
  readonly element: HTMLElement;
  readonly #stage = new Stage();
  readonly #messages: Messages;
  readonly #toolbar: Toolbar;
  readonly #workload: WorkloadPanel;
  readonly #editor: Editor;
  readonly #today: Today;
  readonly #drafts: DraftsPanel;
  readonly #edit: EditPanel;
  readonly #faults: FaultsPanel;
  readonly #changes: ChangesPanel;
  readonly #conflict: ConflictPanel;
  readonly #client: ClientPanel;
  readonly #comments: CommentsPanel;
  readonly #history: HistoryPanel;
  readonly #files: FilesPanel;
  readonly #picture: PictureChooser;
  readonly #placeBox: PlaceBox;
  readonly #sheet: Sheet;
  readonly #phone = matchMedia(PHONE).matches;
  readonly #desk: DraftDesk;
  readonly #backToToday = h(
    "a",
    { class: "back-to-today", href: "/grids", hidden: true, onclick: () => (this.#backToToday.href = `/grids${location.hash}`) },
    () => ofToday("backToToday"),
  );
  #selection: Selection = NOTHING_CHOSEN;
  #panel: HTMLElement | null = null;

  constructor(town: Town, layers: readonly Layer[], session: Session, server: DraftServer) {
    this.#messages = new Messages({
      onRetry: () => void this.#desk.retry(),
      onGiveUp: () => this.#desk.giveUp(),
    });
    const map = new GridMap({
      container: this.#stage.ground,
      bounds: town.bounds ?? [0, 0, 1, 1],
      layers,
      onClick: (place, pixel) => {
        this.#placeBox.leave();
        this.#click(place, pixel);
      },
      onDoubleClick: () => this.#editor.tool?.finish?.(),
      onHover: (place, pixel) => this.#editor.hover(place, pixel),
      onMove: () => {
        this.#editor.follow();
        this.#placeBox.follow();
      },
    });
    this.#placeBox = new PlaceBox(map, town);
    const led = { bounds: town.bounds ?? [0, 0, 1, 1], layers, isLed: true } as const;
    this.#workload = new WorkloadPanel(layers);
    this.#editor = this.#makeEditor(map, (container) => new GridMap({ ...led, container }));
    this.#today = this.#makeToday(map, layers);
    this.#toolbar = new Toolbar({
      onTool: (id) => this.#editor.take(id),
      onUndo: () => this.#desk.undo(),
      onRedo: () => this.#desk.redo(),
      onLevel: (level, shaded) => this.#turnTo(level, shaded),
      onFinish: () => this.#editor.tool?.finish?.(),
      onCancel: () => this.#editor.take("select"),
    });
    const timeZone = town.time_zone;
    this.#drafts = new DraftsPanel({
      server,
      timeZone,
      mayBegin: !this.#phone,
      onOpen: (id, tab) => void this.#desk.open(id, { tab }),
      onList: (list) => {
        this.#desk.know(list);
        this.#history.list(list.drafts);
      },
    });
    this.#edit = new EditPanel(this.#editor, this.#workload, layers, () => this.#desk.mayMoveOutline);
    this.#faults = new FaultsPanel(this.#editor, server);
    this.#changes = new ChangesPanel({
      editor: this.#editor,
      server,
      timeZone,
      mayDecide: !this.#phone,
      clockStands: town.as_of !== null,
      onFaults: (faults) => {
        this.#faults.list(faults);
        this.#sheet.show("faults");
      },
      onState: () => void this.#drafts.read(),
    });
    this.#conflict = new ConflictPanel(this.#editor, server);
    this.#client = new ClientPanel({ editor: this.#editor, server, mayDecide: !this.#phone, mayMoveOutline: () => this.#desk.mayMoveOutline });
    this.#comments = new CommentsPanel({ map, timeZone, onPin: () => this.#editor.hasDraft && this.#editor.take("comment") });
    const current = () => (this.#editor.hasDraft ? this.#editor.draft.coverage : this.#today.coverage);
    const ahead = new Ahead({ map, painter: this.#editor.painter, timeZone, current });
    this.#history = new HistoryPanel({ map, today: town.now.slice(0, 10), timeZone, level: () => this.#editor.level, ahead });
    this.#files = new FilesPanel(this.#editor, (id) => void this.#openImported(id));
    this.#picture = new PictureChooser(map, () => this.#editor.swipe.follow());
    this.#sheet = this.#makeSheet(town, session, server);
    this.#desk = this.#makeDesk(server);
    this.#stage.furnish(map, town, layers, [
      this.#editor.swipe.element,
      this.#editor.painter.live.element,
      this.#editor.handles.element,
      this.#placeBox.needle,
      this.#placeBox.element,
      this.#toolbar.element,
      this.#toolbar.hint,
      this.#messages.element,
      this.#history.banner.element,
      this.#picture.element,
    ]);
    this.element = h("div", { class: "page grids" }, this.#stage.element, this.#sheet.element);
    onLanguage(() => this.#turn());
    onLanguage(() => this.#rename());
    onTheme(() => this.#editor.follow());
  }

  async start(): Promise<void> {
    const desk = this.#desk;
    listenToKeys(this.#editor, {
      undo: () => desk.undo(),
      redo: () => desk.redo(),
      before: (held) => this.#changes.compare(held ? "before" : "now"),
      look: (place, pixel) => this.#click(place, pixel),
    });
    window.addEventListener("online", () => void desk.retry());
    followChanges((touched) => void desk.hear(touched));
    this.#turn();
    void this.#picture.start();
    await desk.start();
  }

  #makeEditor(map: GridMap, makeLedMap: (container: HTMLElement) => GridMap): Editor {
    return new Editor({
      map,
      makeLedMap,
      onTurn: () => this.#turn(),
      mayMoveOutline: () => this.#desk.mayMoveOutline,
      onTrial: (trial) => this.#workload.show(this.#editor.selection, trial),
      onSnap: (snapped) => this.#stage.sayOnto(snapped?.onto ?? null),
      onComplaint: (words) => this.#messages.refuse(words),
      onComment: (place) => {
        this.#sheet.show("comments");
        this.#sheet.grow();
        this.#comments.begin(place);
      },
    });
  }

  #makeSheet(town: Town, session: Session, server: DraftServer): Sheet {
    const panels = {
      drafts: h("div", {}, this.#today.element, this.#backToToday, this.#drafts.element, this.#rulesButton(town, server)),
      edit: this.#edit.element,
      faults: this.#faults.element,
      changes: h("div", {}, this.#conflict.element, this.#client.element, this.#changes.element),
      comments: this.#comments.element,
      history: this.#history.element,
      files: this.#files.element,
    };
    const leave = (tab: string) => {
      if (tab !== "history") this.#history.leave();
      if (tab !== "files") this.#files.leave();
    };
    return new Sheet(head(town, session), makeTabs(panels, this.#phone), "drafts", leave);
  }

  #rulesButton(town: Town, server: DraftServer): HTMLElement {
    const rules = new RulesDialog({ town, server, onSaved: () => void this.#desk.weigh() });
    return button(() => ofRules("open"), () => void rules.open(), { class: "wide rules-button" });
  }

  #makeDesk(server: DraftServer): DraftDesk {
    return new DraftDesk({
      server,
      editor: this.#editor,
      messages: this.#messages,
      workload: this.#workload,
      drafts: this.#drafts,
      faults: this.#faults,
      changes: this.#changes,
      conflict: this.#conflict,
      client: this.#client,
      comments: this.#comments,
      today: this.#today,
      showTab: (id) => this.#sheet.show(id),
      onTurn: () => this.#turn(),
      isPhone: this.#phone,
    });
  }

  #makeToday(map: GridMap, layers: readonly Layer[]): Today {
    const begin = () => document.querySelector<HTMLElement>("#draft-name")?.focus();
    return new Today({
      map,
      painter: this.#editor.painter,
      layers,
      onDraft: this.#phone ? null : begin,
      onChoose: () => {
        this.#sheet.show("drafts");
        this.#sheet.grow();
      },
    });
  }

  /** A day of the past or to come is told of; else the draft, or, where none is open, today. */
  #click(place: Place, pixel: Pixel): void {
    if (this.#history.isAway) this.#history.click(place);
    else if (this.#editor.hasDraft) this.#editor.click(place, pixel);
    else this.#today.click(place);
  }

  #turnTo(level: Level, shaded: boolean): void {
    this.#editor.turnTo(level, shaded);
    if (!this.#editor.hasDraft) this.#today.turnTo(level);
    this.#history.again();
  }

  /** Open what a file became, and leave standing what was said of it. */
  async #openImported(draft: number): Promise<void> {
    await this.#drafts.read();
    await this.#desk.open(draft);
    this.#sheet.show("files");
  }

  /** Show everything that depends on what is chosen, on the tool, or on what waits. */
  #turn(): void {
    const editor = this.#editor;
    const draft = editor.hasDraft ? editor.draft : null;
    this.#backToToday.hidden = !draft;
    this.#toolbar.show({
      tool: editor.tool,
      mayEdit: editor.mayEdit,
      canUndo: draft?.draft.can_undo ?? false,
      canRedo: draft?.draft.can_redo ?? false,
      busy: Boolean(draft?.busy || draft?.waiting),
      name: draft?.draft.name ?? null,
    });
    this.#messages.wait(draft?.waiting ?? null);
    editor.handles.pause(draft ? !draft.isSettled : false);
    this.#edit.show();
    this.#changes.show();
    this.#files.show();
    if (draft) this.#faults.age(draft.draft.revision);
    const panel = editor.tool?.panel ?? null;
    if (panel !== this.#panel && panel) this.#sheet.show("edit");
    this.#panel = panel;
    if (editor.selection !== this.#selection) {
      this.#selection = editor.selection;
      if (editor.selection.kind !== "none" && !this.#phone) this.#sheet.show("edit");
    }
  }

  /** Names on the map are in the page's language. */
  #rename(): void {
    if (this.#editor.hasDraft) this.#editor.painter.units(this.#editor.draft.coverage);
    else this.#today.draw();
  }
}
