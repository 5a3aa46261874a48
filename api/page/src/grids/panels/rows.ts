// Small pieces that the panels share.

import { h, type Child } from "../../dom";
import type { Words } from "../../language";

export function button(words: Words, onclick: () => void, attributes: Record<string, string | boolean> = {}): HTMLButtonElement {
  return h("button", { type: "button", ...attributes, onclick }, words);
}

/** A field with its name above it. */
export function field(words: Words, control: HTMLElement): HTMLElement {
  return h("label", { class: "field" }, h("span", {}, words), control);
}

export function textInput(value: string, attributes: Record<string, string | boolean | Words> = {}): HTMLInputElement {
  const input = h("input", { type: "text", maxlength: 200, autocomplete: "off", ...attributes });
  input.value = value;
  return input;
}

export function section(title: Words, ...children: Child[]): HTMLElement {
  return h("section", { class: "block" }, h("h2", {}, title), ...children);
}

/** A row of a list that can be pressed. */
export function rowButton(onclick: () => void, ...children: Child[]): HTMLElement {
  return h("li", {}, h("button", { type: "button", class: "row", onclick }, ...children));
}

export function chip(words: Words, kind = ""): HTMLElement {
  return h("span", { class: `chip ${kind}` }, words);
}
