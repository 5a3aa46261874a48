// Buttons on the map, large enough for a finger, in the page's language.

import { drawing, h } from "../dom";
import { t } from "../language";
import type { TextKey } from "../texts";

interface Steps {
  zoomBy(steps: number): void;
  wholeTown(): void;
}

export function mapButtons(view: Steps): HTMLElement {
  return h(
    "div",
    { class: "map-buttons" },
    button("zoomIn", "M12 5v14M5 12h14", () => view.zoomBy(1)),
    button("zoomOut", "M5 12h14", () => view.zoomBy(-1)),
    button("wholeTown", "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5", () => view.wholeTown()),
  );
}

function button(words: TextKey, path: string, onPress: () => void): HTMLElement {
  return h(
    "button",
    { type: "button", "aria-label": () => t(words), title: () => t(words), onclick: onPress },
    drawing(path, 24),
  );
}
