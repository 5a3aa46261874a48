// A line drawn in one go: press, drag, let go; with a mouse, a pen or one finger. Two fingers still
// move the map. What is drawn is drawn by whoever asked, in the map's own style.

import type { Map as MapLibre } from "maplibre-gl";
import type { LonLat } from "./view";

export interface FreehandHands {
  /** The line so far. */
  onTrace: (points: LonLat[]) => void;
  onDone: (points: LonLat[]) => void;
  /** The hand drew nothing, or a second finger came. */
  onCancel: () => void;
}

// Nearer points make a line longer, not truer; a shorter line is a click.
const STEP_PX = 4;
const SHORTEST_PX = 12;

export class Freehand {
  readonly #map: MapLibre;
  readonly #hands: FreehandHands;
  readonly #listening = new AbortController();
  #pointer: number | null = null;
  #points: LonLat[] = [];
  #last: [x: number, y: number] = [0, 0];
  #length_px = 0;

  constructor(map: MapLibre, hands: FreehandHands) {
    this.#map = map;
    this.#hands = hands;
    // Heard before the map does, which would move with the hand.
    const how = { capture: true, signal: this.#listening.signal };
    const place = map.getContainer();
    place.addEventListener("pointerdown", this.#press, how);
    place.addEventListener("pointermove", this.#move, how);
    place.addEventListener("pointerup", this.#lift, how);
    place.addEventListener("pointercancel", this.#lift, how);
    for (const name of ["mousedown", "touchstart", "touchmove"]) place.addEventListener(name, this.#keepFromMap, how);
  }

  end(): void {
    this.#listening.abort();
  }

  #press = (event: PointerEvent): void => {
    if (this.#pointer !== null) this.#cancel();
    else if (event.isPrimary && event.button === 0 && event.target === this.#map.getCanvas()) {
      this.#pointer = event.pointerId;
      this.#map.getCanvas().setPointerCapture(event.pointerId);
      this.#length_px = 0;
      this.#points = [this.#at(event)];
    }
  };

  #move = (event: PointerEvent): void => {
    if (event.pointerId !== this.#pointer) return;
    const [x, y] = this.#last;
    const step_px = Math.hypot(event.clientX - x, event.clientY - y);
    if (step_px < STEP_PX) return;
    this.#length_px += step_px;
    this.#points.push(this.#at(event));
    this.#hands.onTrace(this.#points);
  };

  #lift = (event: PointerEvent): void => {
    if (event.pointerId !== this.#pointer) return;
    if (event.type === "pointercancel" || this.#length_px < SHORTEST_PX) this.#cancel();
    else {
      this.#pointer = null;
      this.#hands.onDone(this.#points);
    }
  };

  #cancel(): void {
    this.#pointer = null;
    this.#hands.onCancel();
  }

  #at(event: PointerEvent): LonLat {
    this.#last = [event.clientX, event.clientY];
    const { left, top } = this.#map.getCanvas().getBoundingClientRect();
    return this.#map.unproject([event.clientX - left, event.clientY - top]).toArray();
  }

  #keepFromMap = (event: Event): void => {
    if (this.#pointer !== null) event.stopPropagation();
  };
}
