// The panel with its tabs: a column beside the map, on a phone a sheet from below in three sizes.

import { h } from "../dom";
import { t, type Words } from "../language";

export interface Tab {
  id: string;
  title: Words;
  content: HTMLElement;
}

const SIZES = ["peek", "half", "full"] as const;
type Size = (typeof SIZES)[number];

export class Sheet {
  readonly element: HTMLElement;
  readonly #body: HTMLElement;
  readonly #tabs: { tab: Tab; button: HTMLButtonElement; pane: HTMLElement }[];
  readonly #onTab: (id: string) => void;
  #size: Size = "half";

  constructor(
    readonly head: HTMLElement,
    tabs: Tab[],
    first: string,
    onTab: (id: string) => void,
  ) {
    this.#onTab = onTab;
    this.#tabs = tabs.map((tab) => this.#make(tab));
    const list = h(
      "div",
      { class: "tabs", role: "tablist", "aria-label": () => t("panels"), onkeydown: this.#arrows },
      ...this.#tabs.map(({ button }) => button),
    );
    this.#body = h("div", { class: "panes" }, ...this.#tabs.map(({ pane }) => pane));
    this.element = h("aside", { class: "sheet" }, this.#handle(), head, list, this.#body);
    this.resize("half");
    this.show(first);
  }

  show(id: string): void {
    for (const { tab, button, pane } of this.#tabs) {
      const chosen = tab.id === id;
      button.setAttribute("aria-selected", String(chosen));
      button.tabIndex = chosen ? 0 : -1;
      pane.hidden = !chosen;
    }
    this.#onTab(id);
  }

  /** How much of a phone's screen the sheet takes; a column beside the map has one size. */
  resize(size: Size): void {
    this.#size = size;
    this.element.dataset.size = size;
  }

  /** Make room for an answer, but take none away. */
  grow(): void {
    if (this.#size === "peek") this.resize("half");
  }

  scrollToTop(): void {
    this.#body.scrollTop = 0;
  }

  #make(tab: Tab) {
    const pane = h(
      "section",
      { class: "pane", id: `pane-${tab.id}`, role: "tabpanel", "aria-labelledby": `tab-${tab.id}` },
      tab.content,
    );
    const button = h(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${tab.id}`,
        "aria-controls": `pane-${tab.id}`,
        onclick: () => {
          this.show(tab.id);
          this.grow();
        },
      },
      tab.title,
    );
    return { tab, button, pane };
  }

  #arrows = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = this.#tabs.findIndex(({ button }) => button === document.activeElement);
    const next = this.#tabs.at((at + step) % this.#tabs.length);
    next?.button.focus();
    next?.button.click();
  };

  /** Pulled by a finger the sheet follows and snaps to the nearest size; pressed it takes the next. */
  #handle(): HTMLElement {
    let from: { y: number; height: number } | null = null;
    let pulled = false;
    const release = () => {
      if (pulled) this.resize(this.#nearestSize());
      from = null;
      this.element.style.removeProperty("--pulled");
    };
    const handle = h("button", {
      type: "button",
      class: "handle",
      "aria-label": () => t(this.#size === "full" ? "sheetShrink" : "sheetGrow"),
      // A pull ends in a click too; a key's click has no detail.
      onclick: (event: MouseEvent) => {
        if (!pulled || event.detail === 0) this.#nextSize();
      },
      onpointerdown: (event: PointerEvent) => {
        from = { y: event.clientY, height: this.element.offsetHeight };
        pulled = false;
        handle.setPointerCapture(event.pointerId);
      },
      onpointermove: (event: PointerEvent) => {
        if (!from) return;
        pulled ||= Math.abs(event.clientY - from.y) > 8;
        this.element.style.setProperty("--pulled", `${from.height + from.y - event.clientY}px`);
      },
      onpointerup: release,
      onpointercancel: release,
    });
    return handle;
  }

  #nextSize(): void {
    this.resize(SIZES[(SIZES.indexOf(this.#size) + 1) % SIZES.length] ?? "half");
  }

  #nearestSize(): Size {
    const share = this.element.offsetHeight / innerHeight;
    if (share < 0.32) return "peek";
    return share < 0.68 ? "half" : "full";
  }
}
