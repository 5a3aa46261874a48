// Grids out of the house: files, maps for the wall, and what the draft changes as a table.

import { h } from "../../dom";
import { ServerError } from "../../server";
import type { Editor } from "../editor";
import { download } from "../files-server";
import { tf, type FileTextKey } from "../files-texts";
import { ImportForm } from "./import";
import { button, field, section, textInput } from "./rows";

const FORMATS = ["gpkg", "shp", "geojson", "dxf"] as const;
const CRSS = ["EPSG:4326", "EPSG:4490", "EPSG:4549", "gcj02"] as const;
const SHEETS = ["village", "grid", "town"] as const;
const PAPERS = ["A3", "A4"];

export class FilesPanel {
  readonly element: HTMLElement;
  readonly #editor: Editor;
  readonly #import: ImportForm;
  readonly #said = h("p", { class: "small", role: "status" });
  readonly #ofDraft: HTMLElement[] = [];

  constructor(editor: Editor, onOpen: (draft: number) => void) {
    this.#editor = editor;
    this.#import = new ImportForm(editor.map, onOpen);
    this.element = h("div", { class: "files" }, this.#said, this.#exports(), this.#maps(), this.#changeTable(), this.#import.element);
    this.show();
  }

  /** Offer of a draft what there is of one. */
  show(): void {
    for (const each of this.#ofDraft) each.toggleAttribute("disabled", !this.#editor.hasDraft);
  }

  /** Take the faults of a file off the map. */
  leave(): void {
    this.#import.leave();
  }

  #exports(): HTMLElement {
    const form = choice("export-format", FORMATS);
    const crs = choice("export-crs", CRSS);
    const what = choice("export-what", ["whatToday", "whatDraft"]);
    this.#ofDraft.push(...what.querySelectorAll<HTMLElement>("option:last-child"));
    const get = () => {
      const draft = what.value === "whatDraft" && this.#editor.hasDraft ? String(this.#editor.draft.draft.id) : "";
      return this.#fetch("making", "/api/grids/export", { f: form.value, crs: crs.value, draft });
    };
    return section(
      () => tf("export"),
      field(() => tf("format"), form),
      field(() => tf("crs"), crs),
      field(() => tf("what"), what),
      button(() => tf("download"), () => void get(), { class: "wide", id: "export" }),
    );
  }

  #maps(): HTMLElement {
    const per = choice("maps-per", SHEETS);
    const paper = h("select", { id: "maps-paper" }, ...PAPERS.map((each) => h("option", { value: each }, each)));
    const only = textInput("", { id: "maps-only" });
    const get = () => this.#fetch("makingMaps", "/api/grids/maps", { per: per.value, paper: paper.value, only: only.value.trim() });
    return section(
      () => tf("maps"),
      field(() => tf("per"), per),
      field(() => tf("paper"), paper),
      field(() => tf("only"), only),
      button(() => tf("download"), () => void get(), { class: "wide", id: "maps" }),
    );
  }

  #changeTable(): HTMLElement {
    const get = () => this.#fetch("making", `/api/drafts/${this.#editor.draft.draft.id}/change-table`, {});
    const table = button(() => tf("download"), () => void get(), { class: "wide", id: "change-table" });
    this.#ofDraft.push(table);
    return section(() => tf("changeTable"), h("p", { class: "hint" }, () => tf("changeTableHint")), table);
  }

  async #fetch(waiting: FileTextKey, path: string, asked: Record<string, string>): Promise<void> {
    this.#say(() => tf(waiting));
    this.element.toggleAttribute("aria-busy", true);
    try {
      const name = await download(path, asked);
      this.#say(() => tf("made", { name }));
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.#said.replaceChildren(h("span", { class: "fault", role: "alert" }, error.message));
    } finally {
      this.element.removeAttribute("aria-busy");
    }
  }

  #say(words: () => string): void {
    this.#said.replaceChildren(h("span", {}, words));
  }
}

function choice(id: string, values: readonly FileTextKey[]): HTMLSelectElement {
  return h("select", { id }, ...values.map((value) => h("option", { value }, () => tf(value))));
}
