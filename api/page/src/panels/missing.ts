// Why there is no map, where the map would be.

import { drawing, h } from "../dom";
import { t } from "../language";

const HEXAGON = "M12 2l8.7 5v10L12 22l-8.7-5V7z";

export function mapMissing(reason: "noWebglWhy" | "noBounds" | "mapBroken", why = ""): HTMLElement {
  return h(
    "div",
    { class: "missing", role: "status" },
    drawing(HEXAGON, 24),
    h("h2", {}, () => t("noWebgl")),
    h("p", {}, () => t(reason, { why })),
  );
}
