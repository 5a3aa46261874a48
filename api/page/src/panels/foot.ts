// The line at the map's foot: synthetic, approval number, sources.

import type { Layer, Town } from "../contract";
import { h } from "../dom";
import { t } from "../language";

export function foot(town: Town, layers: readonly Layer[]): HTMLElement {
  const sources = [...new Set(layers.flatMap(({ attribution }) => attribution ?? []))];
  const number = town.map_approval_number;
  const approval = () => (number ? t("approval", { number }) : t("approvalMissing"));
  return h(
    "footer",
    { class: "foot" },
    ...(town.synthetic ? [h("strong", { class: "synthetic" }, () => t("synthetic"))] : []),
    h("span", { class: "approval" }, approval),
    ...sources.map((source) => h("span", {}, source)),
    h("span", { class: "ground" }, () => t("ground")),
    h("span", { class: "ground" }, "MapLibre"),
  );
}
