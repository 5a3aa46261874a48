// Elements made from data. Text is always a text node: no markup is ever parsed from data.

import { onLanguage, type Words } from "./language";

type Value = string | number | boolean | Words | null | undefined;
export type Child = Node | string | Words | null | undefined;
export interface Attributes {
  [name: string]: Value | ((event: never) => void);
}

const living = new Set<{ node: WeakRef<Node>; update: (node: never) => void }>();

onLanguage(() => {
  for (const entry of living) {
    const node = entry.node.deref();
    if (node) entry.update(node as never);
    else living.delete(entry);
  }
});

/** Do `update` to `node` now and whenever the language changes. */
export function live<N extends Node>(node: N, update: (node: N) => void): N {
  update(node);
  living.add({ node: new WeakRef(node), update });
  return node;
}

/**
 * An element with attributes and children.
 *
 * `on…` names are event listeners; a function as any other attribute or as a child is a text that
 * follows the language; false, null and undefined leave the attribute or child out.
 */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children.filter((child) => child != null).map(toNode));
  return element;
}

/** An SVG drawing of one path in a square view box. */
export function drawing(path: string, size: number, attributes: Attributes = {}): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  setAttributes(svg, { viewBox: `0 0 ${size} ${size}`, "aria-hidden": "true", ...attributes });
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) {
      element.addEventListener(name.slice(2), value as EventListener);
    } else if (typeof value === "function") {
      live(element, (each) => each.setAttribute(name, (value as Words)()));
    } else if (value != null && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
}

function toNode(child: Node | string | Words): Node {
  if (typeof child === "function") {
    return live(document.createTextNode(""), (node) => (node.data = child()));
  }
  return typeof child === "string" ? document.createTextNode(child) : child;
}
