// Chinese first, English at a click. Words are functions, so that they change where they stand.

import { recall, remember } from "./memory";
import { TEXTS, type TextKey } from "./texts";

export type Language = "zh" | "en";

/** A text that is asked again whenever the language changes. */
export type Words = () => string;

let current: Language = recall("language") === "en" ? "en" : "zh";
const listeners = new Set<() => void>();

export function language(): Language {
  return current;
}

export function speak(chosen: Language): void {
  current = chosen;
  remember("language", chosen);
  announce();
}

/** Call `listener` whenever the language changes. */
export function onLanguage(listener: () => void): void {
  listeners.add(listener);
}

/** Sets <html lang> and tells every listener. */
export function announce(): void {
  document.documentElement.lang = current === "zh" ? "zh-CN" : "en";
  for (const listener of listeners) listener();
}

/** A text of the page; `{name}` in it is replaced by `values.name`. */
export function t(key: TextKey, values: Record<string, string | number> = {}): string {
  const [zh, en] = TEXTS[key];
  return pick(zh, en).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** The one of two texts that is in the current language; Chinese where there is no English. */
export function pick(zh: string, en: string | null | undefined): string {
  return current === "zh" ? zh : en || zh;
}

/** The name of something that has one in each language. */
export function nameOf(thing: { name: string; name_en?: string | null }): string {
  return pick(thing.name, thing.name_en);
}

/** The title of something that has one in each language. */
export function titleOf(thing: { title: string; title_en?: string | null }): string {
  return pick(thing.title, thing.title_en);
}
