// Light, dark, or as the system says.

import type { Theme } from "./map/palette";
import { recall, remember } from "./memory";

export const APPEARANCES = ["auto", "light", "dark"] as const;
export type Appearance = (typeof APPEARANCES)[number];

const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();
let chosen = APPEARANCES.find((each) => each === recall("appearance")) ?? "auto";

export function appearance(): Appearance {
  return chosen;
}

/** What is drawn now. */
export function theme(): Theme {
  if (chosen === "auto") return system.matches ? "dark" : "light";
  return chosen;
}

export function choose(wanted: Appearance): void {
  chosen = wanted;
  remember("appearance", wanted);
  apply();
}

export function onTheme(listener: () => void): void {
  listeners.add(listener);
}

/** Sets the theme on the document and tells every listener. */
export function apply(): void {
  document.documentElement.dataset.theme = theme();
  for (const listener of listeners) listener();
}

system.addEventListener("change", apply);
