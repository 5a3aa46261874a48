// What the draft changes, and its way to approval.

import { h } from "../../dom";
import { moment } from "../../format";
import { ServerError } from "../../server";
import type { Draft, Fault, Moved, Refusal, Report, Step, Unit } from "../contract";
import type { Editor } from "../editor";
import { nameIn } from "../map/features";
import type { Compared } from "../map/painter";
import type { DraftServer } from "../server";
import { SuggestionPanel } from "../suggestion/summary";
import { kindWords, t } from "../texts";
import { clockRow } from "./clock";
import { stateChip } from "./drafts";
import { button, field, rowButton, section } from "./rows";

const COMPARED: readonly Compared[] = ["now", "both", "swipe", "before"];
const MOST = 12;

interface Options {
  editor: Editor;
  server: DraftServer;
  timeZone: string;
  /** Whether this visitor may submit, approve, withdraw. */
  mayDecide: boolean;
  /** A demo's time passes only when somebody lets it. */
  clockStands: boolean;
  onFaults: (faults: Fault[]) => void;
  onState: () => void;
}

export class ChangesPanel {
  readonly element = h("div", { class: "changes" });
  readonly #options: Options;
  readonly #compare: HTMLElement;
  readonly #suggestion: SuggestionPanel;
  readonly #steps = h("ol", { class: "steps" });
  readonly #report = h("div", { class: "report" });
  readonly #decision = h("div", { class: "decision" });
  readonly #fault = h("p", { class: "fault", role: "alert", hidden: true });
  #compared: Compared = "now";
  #shown = "";

  constructor(options: Options) {
    this.#options = options;
    this.#compare = this.#switch();
    const { editor, server } = options;
    this.#suggestion = new SuggestionPanel({ server, onUnit: (id) => editor.draft.coverage.units.has(id) && editor.zoomToUnit(id) });
    this.element.append(
      this.#suggestion.element,
      section(() => t("compare"), this.#compare, h("p", { class: "small" }, () => t("compareKey"))),
      section(() => t("report"), button(() => t("makeReport"), () => void this.#read(), { class: "wide" }), this.#report),
      this.#fault,
      this.#decision,
      section(() => t("stepsTitle"), this.#steps),
    );
  }

  /** Show the draft that is open as it is now. */
  show(): void {
    const { editor } = this.#options;
    if (!editor.hasDraft) return;
    const { draft, steps } = editor.draft;
    this.#steps.replaceChildren(...steps.toReversed().map((step) => this.#step(step)));
    const { id, state, base_at, effective_from } = draft;
    const shown = [id, state, base_at, effective_from].join(" ");
    // What somebody fills in isn't made anew without need.
    if (shown !== this.#shown) this.#decision.replaceChildren(this.#decide(draft));
    this.#shown = shown;
    if (this.#compared !== "now") editor.compare(this.#compared);
  }

  clear(): void {
    this.#report.replaceChildren();
    this.#fault.hidden = true;
    this.compare("now");
    void this.#suggestion.read(this.#options.editor.draft.draft.id);
  }

  compare(compared: Compared): void {
    this.#compared = compared;
    this.#options.editor.compare(compared);
    for (const each of this.#compare.querySelectorAll("button")) {
      each.setAttribute("aria-pressed", String(each.dataset.compared === compared));
    }
  }

  #switch(): HTMLElement {
    const buttons = COMPARED.map((each) =>
      button(() => t(`compare_${each}`), () => this.compare(each), {
        "data-compared": each,
        "aria-pressed": String(each === this.#compared),
      }),
    );
    return h("div", { class: "segments", role: "group", "aria-label": () => t("compare") }, ...buttons);
  }

  #step({ number, kind, parameters, author_name, at, undone }: Step): HTMLElement {
    // The town that a change of the outline concerns.
    const neighbour = typeof parameters.neighbour === "string" ? ` · ${parameters.neighbour}` : "";
    const when = moment(at, this.#options.timeZone);
    return h(
      "li",
      undone ? { class: "undone" } : {},
      h("b", {}, () => `${number}. ${kindWords(kind)}${neighbour}`),
      h("span", { class: "small" }, [author_name, when].filter(Boolean).join(" · ")),
    );
  }

  async #read(): Promise<void> {
    const { editor, server } = this.#options;
    if (!editor.hasDraft) return;
    await this.#try(async () => {
      const report = await server.report(editor.draft.draft.id);
      this.#report.replaceChildren(...this.#describe(report));
    });
  }

  #describe(report: Report): HTMLElement[] {
    const { units, counts, premises, incidents, members } = report;
    if (!units.length) return [h("p", { class: "hint" }, () => t("nothingChanged"))];
    const summary = h("p", { class: "sum" }, () => t("reportCounts", { units: units.length, ...counts }));
    const rows = units.filter(({ level }) => level > 1).map((each) => this.#unit(each));
    const people = members.map(({ name, grid, after }) => line(name, grid?.name, after?.name));
    return [
      summary,
      h("ul", { class: "rows" }, ...rows),
      ...list("premises", premises.map(moveLine), counts.premises),
      ...list("incidents", incidents.map(moveLine), counts.incidents),
      ...list("members", people, counts.members),
    ];
  }

  #unit({ id, before, after, area_before_m2, area_after_m2 }: Report["units"][number]): HTMLElement {
    const unit = (after ?? before) as Unit;
    const hectares = (m2: number | null) => (m2 === null ? "—" : (m2 / 10_000).toFixed(2));
    const word = () => (before ? (after ? "" : t("unitGone")) : t("unitNew"));
    const renamed = before && after && before.name !== after.name ? `${nameIn(before)} → ` : "";
    const coded = before && after && before.code !== after.code ? `${before.code} → ` : "";
    return rowButton(
      () => this.#options.editor.hasDraft && after && this.#options.editor.zoomToUnit(id),
      h(
        "span",
        { class: "row-main" },
        h("b", {}, () => `${t(`levelOne_${unit.level}`)} ${renamed}${nameIn(unit)} ${word()}`),
        h("span", { class: "small" }, () => `${coded}${unit.code} · ${t("area")} ${hectares(area_before_m2)} → ${hectares(area_after_m2)}`),
      ),
    );
  }

  #decide(draft: Draft): HTMLElement {
    const { mayDecide } = this.#options;
    const facts = [
      h("p", {}, stateChip(draft), " ", h("span", { class: "small" }, () => t("basedOn", { when: this.#moment(draft.base_at) }))),
      ...(draft.effective_from ? [h("p", { class: "small" }, () => t("effectiveFrom", { when: this.#moment(draft.effective_from ?? "") }))] : []),
    ];
    return h("section", { class: "block" }, ...facts, ...(mayDecide ? this.#choices(draft) : []));
  }

  #choices(draft: Draft): HTMLElement[] {
    const { state } = draft;
    const amend = button(() => t("amend"), () => void this.#act((server, id) => server.amend(id)));
    if (state === "open") return [this.#submit(), this.#withdraw()];
    if (state === "submitted") return [this.#approve(), amend, this.#withdraw()];
    return state === "approved" ? [...this.#clock(draft), amend, this.#withdraw()] : [];
  }

  /** Where time doesn't pass by itself. */
  #clock(draft: Draft): HTMLElement[] {
    const { server, clockStands } = this.#options;
    if (!clockStands) return [];
    return [clockRow(server, draft, this.#moment(draft.effective_from ?? ""), (act) => this.#try(act))];
  }

  #submit(): HTMLElement {
    const submit = () => this.#act((server, id) => server.submit(id, this.#options.editor.draft.draft.revision));
    return h(
      "div",
      { class: "decide" },
      button(() => t("submit"), () => void submit(), { class: "primary wide" }),
      h("p", { class: "small" }, () => t("submitWhy")),
    );
  }

  #approve(): HTMLElement {
    const from = h("input", { type: "datetime-local", id: "effective-from" });
    const approve = () => {
      const moment = from.value ? new Date(from.value).toISOString() : null;
      return this.#act((server, id) => server.approve(id, moment));
    };
    return h(
      "div",
      { class: "decide" },
      field(() => t("approveFrom"), from),
      h("p", { class: "small" }, () => `${t("approveNow")}。${t("approveNotYours")}`),
      button(() => t("approve"), () => void approve(), { class: "primary wide" }),
    );
  }

  /** Asks again before it is done. */
  #withdraw(): HTMLElement {
    let sure = false;
    const element = button(
      () => t(sure ? "withdrawSure" : "withdraw"),
      () => {
        if (sure) void this.#act((server, id) => server.withdraw(id));
        sure = true;
        element.textContent = t("withdrawSure");
      },
      { class: "quiet" },
    );
    return element;
  }

  async #act(ask: (server: DraftServer, id: number) => Promise<Draft>): Promise<void> {
    const { editor, server, onState } = this.#options;
    await this.#try(async () => {
      editor.draft.take(await ask(server, editor.draft.draft.id));
      onState();
    });
  }

  /** Say a refusal here; with faults, where they are. */
  async #try(act: () => Promise<void>): Promise<void> {
    this.#fault.hidden = true;
    try {
      await act();
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.#fault.textContent = error.message;
      this.#fault.hidden = false;
      const { faults, conflict } = (error.answer ?? {}) as Refusal;
      if (faults) this.#options.onFaults(faults.features);
      if (conflict) this.#options.editor.draft.dispute(conflict);
    }
  }

  #moment(iso: string): string {
    return moment(iso, this.#options.timeZone);
  }
}

function moveLine({ label, from, to }: Moved): HTMLElement {
  return line(label, from?.micro_grid ?? from?.grid, to?.micro_grid ?? to?.grid);
}

function line(what: string, from: string | null | undefined, to: string | null | undefined): HTMLElement {
  return h("li", {}, h("b", {}, what), h("span", { class: "small" }, `${from ?? "—"} → ${to ?? "—"}`));
}

function list(kind: "premises" | "incidents" | "members", rows: HTMLElement[], count: number): HTMLElement[] {
  if (!rows.length) return [];
  const rest = count - Math.min(rows.length, MOST);
  const more = rest > 0 ? [h("li", { class: "small" }, () => t("more", { n: rest }))] : [];
  return [
    h("h3", {}, () => `${t(`movedTitle_${kind}`)} ${count}`),
    h("ul", { class: "moved" }, ...rows.slice(0, MOST), ...more),
  ];
}
