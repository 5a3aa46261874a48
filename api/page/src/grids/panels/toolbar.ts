// Over the map: tools, undo and redo, the level, and what to do next.

import { drawing, h } from "../../dom";
import type { Level } from "../contract";
import { t } from "../texts";
import { TOOL_KEYS } from "../tools/registry";
import { TOOLS, type Tool, type ToolId } from "../tools/tool";
import { LevelSwitch } from "./levels";
import { button } from "./rows";

const ICONS: Record<ToolId | "undo" | "redo", string> = {
  select: "M5 3l14 8-6 1.500-3 6z",
  split: "M4 5h16v14H4zM12 3v18",
  merge: "M3 6h7v12H3M21 6h-7v12h7M8 12h8M13 9l3 3-3 3",
  transfer: "M4 5h7v14H4zM13 12h8M18 9l3 3-3 3",
  parent: "M12 4v6M5 20v-6h14v6M12 10v4M9 4h6",
  group: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM14 16h6M17 13v6",
  border: "M6 3v4M6 10v4M6 17v4M11 3c0 7 8 5 8 11v7M9 12h4M11 10l2 2-2 2",
  follow: "M4 20c0-8 6-6 8-10s2-6 8-6M4 12l3-3M17 20l3-3",
  share: "M6 21V3h12v18M3 21h18M6 9h12M6 15h12",
  comment: "M4 5h16v11H12l-5 4v-4H4z",
  undo: "M9 7L4 12l5 5M4 12h10a6 6 0 0 1 6 6",
  redo: "M15 7l5 5-5 5M20 12H10a6 6 0 0 0-6 6",
};

interface Options {
  onTool: (id: ToolId) => void;
  onUndo: () => void;
  onRedo: () => void;
  onLevel: (level: Level, shaded: boolean) => void;
  onFinish: () => void;
  onCancel: () => void;
}

export interface ToolbarState {
  tool: Tool | null;
  mayEdit: boolean;
  canUndo: boolean;
  canRedo: boolean;
  busy: boolean;
  name: string | null;
}

export class Toolbar {
  readonly element: HTMLElement;
  readonly hint = h("div", { class: "tool-hint", role: "status", "aria-live": "polite" });
  readonly #options: Options;
  readonly #tools = new Map<ToolId, HTMLButtonElement>();
  readonly #undo: HTMLButtonElement;
  readonly #redo: HTMLButtonElement;
  readonly #saved = h("span", { class: "saved small", role: "status" });

  constructor(options: Options) {
    this.#options = options;
    for (const id of TOOLS) this.#tools.set(id, this.#tool(id));
    this.#undo = icon("undo", "Ctrl+Z", options.onUndo);
    this.#redo = icon("redo", "Ctrl+Shift+Z", options.onRedo);
    const tools = h("div", { class: "tools", role: "toolbar", "aria-label": () => t("tools") }, ...this.#tools.values());
    const steps = h("div", { class: "tools steps-tools" }, this.#undo, this.#redo, this.#saved);
    this.element = h("div", { class: "toolbar" }, new LevelSwitch(options.onLevel).element, tools, steps);
  }

  show(state: ToolbarState): void {
    const { tool, mayEdit, canUndo, canRedo, busy, name } = state;
    for (const [id, each] of this.#tools) {
      each.setAttribute("aria-pressed", String(id === tool?.id && mayEdit));
      each.disabled = !(mayEdit || (name !== null && id === "comment"));
    }
    this.#undo.disabled = !mayEdit || !canUndo;
    this.#redo.disabled = !mayEdit || !canRedo;
    this.#saved.textContent = name === null ? "" : t(busy ? "saving" : "saved");
    this.element.dataset.busy = String(busy);
    this.#say(name === null ? null : tool, mayEdit);
  }

  #say(tool: Tool | null, mayEdit: boolean): void {
    this.hint.hidden = !tool || (!mayEdit && tool.id === "select");
    if (!tool || this.hint.hidden) return;
    const finish = tool.finish ? [button(() => t("finish"), this.#options.onFinish, { class: "primary" })] : [];
    const cancel = tool.id === "select" ? [] : [button(() => t("cancel"), this.#options.onCancel)];
    this.hint.replaceChildren(h("span", {}, tool.hint()), ...finish, ...cancel);
  }

  #tool(id: ToolId): HTMLButtonElement {
    const key = Object.keys(TOOL_KEYS).find((each) => TOOL_KEYS[each] === id)?.toUpperCase() ?? "";
    const words = () => `${t(`tool_${id}`)} (${key})`;
    return h(
      "button",
      { type: "button", class: "tool", "data-tool": id, title: words, "aria-label": words, onclick: () => this.#options.onTool(id) },
      drawing(ICONS[id], 24),
      h("span", {}, () => t(`tool_${id}`)),
    );
  }
}

function icon(id: "undo" | "redo", key: string, onclick: () => void): HTMLButtonElement {
  const words = () => `${t(id)} (${key})`;
  return h("button", { type: "button", class: "tool", "data-tool": id, title: words, "aria-label": words, onclick }, drawing(ICONS[id], 24));
}
