// Handles on the chosen arc: buttons over the map, so that mouse, finger and keyboard can move them.

import { h } from "../../dom";
import type { Place } from "../contract";
import { gripsOf, type Grip } from "../model/trial";
import type { Arc } from "../contract";
import { moved, type Pixel } from "../model/plane";
import { t } from "../texts";

interface Options {
  pixel: (place: Place) => Pixel;
  /** Where a handle means to be when it is pulled to a pixel. */
  aim: (pixel: Pixel, event: PointerEvent) => Place;
  onTry: (grip: Grip, to: Place) => void;
  onDrop: (grip: Grip, to: Place) => void;
  onCancel: () => void;
  onRemove: (grip: Grip) => void;
  /** A click without a pull, with Shift: an end of the run that is worked on. */
  onMark: (grip: Grip) => void;
}

interface Handle {
  grip: Grip;
  element: HTMLButtonElement;
  /** Where the keyboard has pushed it so far. */
  pushed: Place | null;
}

const PULL_PX = 3;
const LONG_PRESS_MS = 650;
const SETTLE_MS = 700;
const MOST = 600;

export class Handles {
  readonly element = h("div", { class: "handles" });
  readonly #options: Options;
  #handles: Handle[] = [];
  #settle = 0;
  #pulling = false;
  #paused = false;
  /** Where the map begins on the screen, while something is pulled. */
  #corner: Pixel = [0, 0];
  /** What to show once nothing is pulled any more. */
  #next: { arc: Arc | null } | null = null;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Handles on an arc; on none. */
  show(arc: Arc | null): void {
    if (this.#pulling) {
      this.#next = { arc };
      return;
    }
    const focused = this.#handles.findIndex(({ element }) => element === document.activeElement);
    const pending = this.#handles[focused];
    this.#handles = arc ? gripsOf(arc).slice(0, MOST).map((grip) => this.#make(grip)) : [];
    this.element.replaceChildren(...this.#handles.map(({ element }) => element));
    this.place();
    const heir = this.#handles[Math.min(focused, this.#handles.length - 1)];
    if (heir && pending?.pushed && heir.grip.kind === pending.grip.kind) this.#pushTo(heir, pending.pushed);
    heir?.element.focus();
  }

  /**
   * Let nothing be pulled for the time being.
   *
   * Steps count vertices: while one is on its way they aren't numbered as they will be.
   */
  pause(paused: boolean): void {
    this.#paused = paused;
    this.element.toggleAttribute("data-paused", paused);
  }

  /** Put the handles where the map has its places now. */
  place(): void {
    for (const handle of this.#handles) this.#put(handle);
  }

  #put({ grip, element, pushed }: Handle): void {
    const [x, y] = this.#options.pixel(pushed ?? grip.at);
    element.style.transform = `translate(${x}px, ${y}px)`;
  }

  /** Mark the ends of the run that is worked on. */
  mark(isMarked: (grip: Grip) => boolean): void {
    for (const { grip, element } of this.#handles) element.toggleAttribute("data-marked", isMarked(grip));
  }

  focusFirst(): void {
    this.#handles.find(({ grip }) => grip.kind !== "middle")?.element.focus();
  }

  #make(grip: Grip): Handle {
    const element = h("button", {
      type: "button",
      class: `grip ${grip.kind}`,
      "data-index": grip.kind === "vertex" ? grip.index : grip.kind === "middle" ? grip.edge : null,
      "aria-label": () => t(`grip_${grip.kind}`),
      tabindex: grip.kind === "middle" ? -1 : 0,
    });
    const handle: Handle = { grip, element, pushed: null };
    this.#pull(handle);
    element.addEventListener("keydown", (event) => this.#key(handle, event));
    element.addEventListener("blur", () => this.#drop(handle));
    element.addEventListener("contextmenu", (event) => {
      event.preventDefault();
      this.#remove(grip);
    });
    return handle;
  }

  #pull(handle: Handle): void {
    const { element, grip } = handle;
    let from: Pixel | null = null;
    let to: Place | null = null;
    let press = 0;
    const end = (dropped: boolean) => {
      window.clearTimeout(press);
      const pulledTo = to;
      [from, to, handle.pushed, this.#pulling] = [null, null, null, false];
      if (this.#next) this.show(this.#next.arc);
      this.#next = null;
      if (pulledTo && dropped) this.#options.onDrop(grip, pulledTo);
      else if (pulledTo) this.#options.onCancel();
    };
    element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || this.#paused) return;
      element.setPointerCapture(event.pointerId);
      element.focus();
      from = [event.clientX, event.clientY];
      const { left, top } = this.element.getBoundingClientRect();
      this.#corner = [left, top];
      if (event.pointerType !== "mouse") {
        press = window.setTimeout(() => this.#remove(grip), LONG_PRESS_MS);
      }
    });
    element.addEventListener("pointermove", (event) => {
      if (!from || (!to && Math.hypot(event.clientX - from[0], event.clientY - from[1]) < PULL_PX)) return;
      window.clearTimeout(press);
      this.#pulling = true;
      to = this.#options.aim(this.#pixelOf(event), event);
      handle.pushed = to;
      this.#put(handle);
      this.#options.onTry(grip, to);
    });
    element.addEventListener("pointerup", (event) => {
      if (from && !to && event.shiftKey) this.#options.onMark(grip);
      end(true);
    });
    element.addEventListener("pointercancel", () => end(false));
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !to) return;
      event.stopPropagation();
      handle.pushed = null;
      end(false);
      this.place();
    });
  }

  #pixelOf(event: PointerEvent): Pixel {
    const [left, top] = this.#corner;
    return [event.clientX - left, event.clientY - top];
  }

  /** Arrows push by a metre, with Shift by ten, with Alt by ten centimetres. */
  #key(handle: Handle, event: KeyboardEvent): void {
    const { key } = event;
    const step = event.shiftKey ? 10 : event.altKey ? 0.1 : 1;
    const push = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }[key];
    if (push) this.#push(handle, push as [number, number]);
    else if (key === "Delete" || key === "Backspace") this.#remove(handle.grip);
    else if (key === "Insert" || key === "+") this.#insertAfter(handle);
    else if (key === "Enter") this.#drop(handle);
    else if (key === " ") this.#options.onMark(handle.grip);
    else if (key === "Escape" && handle.pushed) this.#giveUp(handle);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #push(handle: Handle, [east_m, north_m]: [number, number]): void {
    this.#pushTo(handle, moved(handle.pushed ?? handle.grip.at, east_m, north_m));
  }

  #pushTo(handle: Handle, to: Place): void {
    handle.pushed = to;
    this.place();
    this.#options.onTry(handle.grip, to);
    window.clearTimeout(this.#settle);
    this.#settle = window.setTimeout(() => this.#drop(handle), SETTLE_MS);
  }

  #drop(handle: Handle): void {
    window.clearTimeout(this.#settle);
    const { pushed } = handle;
    if (!pushed || !handle.element.isConnected) return;
    if (this.#paused) {
      this.#settle = window.setTimeout(() => this.#drop(handle), SETTLE_MS);
      return;
    }
    handle.pushed = null;
    this.#options.onDrop(handle.grip, pushed);
  }

  #giveUp(handle: Handle): void {
    window.clearTimeout(this.#settle);
    handle.pushed = null;
    this.place();
    this.#options.onCancel();
  }

  #remove(grip: Grip): void {
    if (!this.#paused) this.#options.onRemove(grip);
  }

  /** By keyboard: a vertex in the middle of the edge that follows. */
  #insertAfter({ grip }: Handle): void {
    if (this.#paused) return;
    const after = this.#handles[this.#handles.findIndex((each) => each.grip === grip) + 1];
    if (after?.grip.kind === "middle") this.#options.onDrop(after.grip, after.grip.at);
  }
}
