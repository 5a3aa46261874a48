// What a map client drew into its draft: looked at, repaired, settled or discarded.

import type { Feature } from "geojson";
import { h } from "../../dom";
import { ServerError } from "../../server";
import type { Draft } from "../contract";
import type { Editor } from "../editor";
import { button, field, section, textInput } from "../panels/rows";
import type { DraftServer } from "../server";
import type { Drawn, Face, Offer } from "./contract";
import { faceFeatures, faceRows } from "./faces";
import { faultRows } from "./faults";
import { repairForm, WIDEST_M } from "./repair";
import { discard, readFaces, repair, settle } from "./server";
import { t } from "./texts";

const STALE = 412;
const CLIENT_KINDS = ["client", "move_outline_client"];

interface Options {
  editor: Editor;
  server: DraftServer;
  /** On a phone drafts are looked at. */
  mayDecide: boolean;
  mayMoveOutline: () => boolean;
}

/** Empty where the open draft is no client's. */
export class ClientPanel {
  readonly element = h("div", { class: "client" });
  readonly #options: Options;
  readonly #fault = h("p", { class: "fault", role: "alert", hidden: true });
  #faces: readonly Face[] = [];
  #shown = "";

  constructor(options: Options) {
    this.#options = options;
  }

  /** Show what was drawn of the draft that is open, as the server told it last. */
  async show(): Promise<void> {
    const { editor } = this.#options;
    if (!editor.hasDraft) return;
    const { draft, drawn, steps } = editor.draft;
    const shown = [draft.id, draft.revision, draft.state].join(" ");
    if (shown === this.#shown) return;
    this.#shown = shown;
    const faces = drawn ? await readFaces(draft.id).catch((error: unknown) => this.#say(error)) : [];
    if (this.#shown !== shown || !faces) return;
    this.#faces = faces;
    this.#draw([]);
    const settled = steps.filter(({ kind, undone }) => !undone && CLIENT_KINDS.includes(kind)).length;
    this.element.replaceChildren(...(draft.client === null ? [] : [this.#describe(draft, drawn, settled)]));
  }

  #describe(draft: Draft, drawn: Drawn | null, settled: number): HTMLElement {
    const client = draft.client ?? "";
    const title = () => t("title", { client });
    const isOpen = draft.state === "open" && this.#options.mayDecide;
    const again = isOpen ? [this.#reread(client)] : [];
    if (!drawn) return section(title, h("p", { class: "hint" }, () => t(settled ? "nothingPending" : "nothingYet", { client })), ...again, this.#fault);
    const counts = () => [t("pending", { n: drawn.units }), ...(settled ? [t("settledSteps", { n: settled })] : [])].join(" · ");
    return section(
      title,
      h("p", { class: "sum" }, counts),
      ...this.#judged(drawn),
      ...(isOpen ? this.#deeds(drawn) : []),
      this.#fault,
      h("h3", {}, () => t("units")),
      faceRows(this.#faces, {
        editor: this.#options.editor,
        faulty: faultyUnits(drawn),
        mayDecide: isOpen,
        onDiscard: (unit) => void this.#act((server) => discard(server, this.#draft, unit)),
      }),
      ...again,
    );
  }

  #judged(drawn: Drawn): HTMLElement[] {
    const { features } = drawn.faults;
    if (drawn.clean) return [h("p", { class: "sound" }, () => t("clean"))];
    return [
      h("p", { class: "fault" }, () => t("unclean", { n: features.length })),
      faultRows(this.#options.editor, features, this.#faces, (id) => this.#lookAt(id)),
      h("p", { class: "small" }, () => t("uncleanWhy", { client: drawn.client })),
    ];
  }

  /** What may be done with it: settled where it is clean, else repaired; or forgotten. */
  #deeds(drawn: Drawn): HTMLElement[] {
    return [...(drawn.clean ? this.#settling(drawn) : this.#repairing(drawn)), h("p", { class: "small" }, () => t("pageWaits")), this.#discardAll(drawn.units)];
  }

  #settling(drawn: Drawn): HTMLElement[] {
    const neighbour = textInput("", { id: "client-neighbour", required: true });
    if (drawn.moves_outline && !this.#options.mayMoveOutline()) {
      return [h("p", { class: "fault" }, () => `${t("outline")}${t("outlineNotYours")}`)];
    }
    const named = drawn.moves_outline ? [h("p", {}, () => t("outline")), field(() => t("neighbour"), neighbour)] : [];
    const act = () => {
      const town = neighbour.value.trim();
      if (drawn.moves_outline && !town) this.#tell(() => t("neighbourMissing"));
      else void this.#act((server) => settle(server, this.#draft, town));
    };
    return [...named, button(() => t("settle"), act, { class: "primary wide" }), h("p", { class: "small" }, () => t("settleWhy"))];
  }

  #repairing({ repair_width_m }: Drawn): HTMLElement[] {
    if (repair_width_m === null) return [];
    if (repair_width_m > WIDEST_M) return [h("p", { class: "small" }, () => t("repairTooWide"))];
    const { editor } = this.#options;
    const form = repairForm({
      editor,
      widthM: repair_width_m,
      ask: (widthM, apply) => this.#repair(widthM, apply),
      onShow: (features) => this.#draw(features),
    });
    return [form];
  }

  async #repair(widthM: number, apply: boolean): Promise<Offer | null> {
    let offer: Offer | null = null;
    const ask = async (server: DraftServer) => {
      offer = await repair(server, this.#draft, widthM, apply);
    };
    await (apply ? this.#act(ask) : this.#try(() => ask(this.#options.server)));
    return offer;
  }

  /** Asks again before it is done. */
  #discardAll(n: number): HTMLElement {
    let sure = false;
    const element = button(
      () => (sure ? t("discardAllSure", { n }) : t("discardAll")),
      () => {
        if (sure) void this.#act((server) => discard(server, this.#draft, null));
        sure = true;
        element.textContent = t("discardAllSure", { n });
      },
      { class: "quiet" },
    );
    return element;
  }

  #reread(client: string): HTMLElement {
    const read = () => this.#act(() => Promise.resolve());
    return h("p", { class: "reread small" }, button(() => t("reread"), () => void read()), " ", () => t("rereadWhy", { client }));
  }

  get #draft(): Draft {
    return this.#options.editor.draft.draft;
  }

  /** Do something and read the draft anew. */
  async #act(act: (server: DraftServer) => Promise<void>): Promise<void> {
    await this.#try(async () => {
      await act(this.#options.server);
      await this.#readAnew();
      this.element.scrollIntoView({ block: "nearest" });
    });
  }

  async #try(act: () => Promise<void>): Promise<void> {
    this.#fault.hidden = true;
    try {
      await act();
    } catch (error) {
      const isStale = error instanceof ServerError && error.status === STALE;
      if (isStale) await this.#readAnew();
      if (isStale) this.#tell(() => t("changed", { client: this.#draft.client ?? "" }));
      else this.#say(error);
    }
  }

  #readAnew(): Promise<void> {
    this.#shown = "";
    return this.#options.editor.draft.reload();
  }

  #tell(words: () => string): void {
    this.#fault.replaceChildren(h("span", {}, words));
    this.#fault.hidden = false;
  }

  #say(error: unknown): null {
    if (!(error instanceof ServerError)) throw error;
    const { message } = error;
    this.#tell(() => message);
    return null;
  }

  /** Draw the units, and over them what a repair would move. */
  #draw(places: Feature[]): void {
    const { map, draft } = this.#options.editor;
    // Of one source, whose features are numbered: those of places after the units.
    map.set("drawn", [...faceFeatures(this.#faces, draft.coverage), ...places].map((feature, i) => ({ ...feature, id: i + 1 })));
  }

  #lookAt(unit: number): void {
    const { editor } = this.#options;
    if (editor.draft.coverage.units.has(unit)) editor.zoomToUnit(unit);
  }
}

function faultyUnits(drawn: Drawn): Set<number> {
  return new Set(drawn.faults.features.flatMap(({ properties: { units, unit } }) => units ?? (unit ? [unit] : [])));
}
