// Chinese first, English at a click. Words are functions, so that they change where they stand.

import { recall, remember } from "./memory";
import { TEXTS } from "./texts";

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

type Texts = Readonly<Record<string, readonly [zh: string, en: string]>>;

/** A function that finds texts in a table; `{name}` in them is replaced by `values.name`. */
export function translator<Own extends Texts>(texts: Own) {
  return (key: keyof Own, values: Record<string, string | number> = {}): string => {
    const [zh = "", en = ""] = texts[key] ?? [];
    return pick(zh, en).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
  };
}

/** A text of the page. */
export const t = translator(TEXTS);

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
