// A legend's sample, drawn as SVG from the same paths and colours as the map.

import { drawing } from "../dom";
import { SHAPES, SIZE } from "../map/symbols";
import type { Sample } from "../map/styles/style";

const HEXAGON = "M12 2.5l8.2 4.75v9.5L12 21.5l-8.2-4.75v-9.5z";

export function sample(what: Sample): SVGElement {
  if (what.kind === "symbol") return symbol(what);
  if (what.kind === "line") return line(what);
  return drawing("M3 5h18v14H3z", SIZE, {
    class: "sample",
    fill: what.color,
    "fill-opacity": what.opacity ?? 1,
    stroke: what.edge,
    "stroke-width": 1.5,
  });
}

export function hexagonSample(color: string, faint: boolean): SVGElement {
  return drawing(HEXAGON, SIZE, {
    class: "sample",
    fill: color,
    "fill-opacity": faint ? 0.16 : 0.75,
    stroke: color,
    "stroke-width": faint ? 0 : 1.5,
  });
}

function symbol(what: Extract<Sample, { kind: "symbol" }>): SVGElement {
  return drawing(SHAPES[what.symbol.shape], SIZE, {
    class: "sample",
    fill: what.symbol.color,
    "fill-rule": "evenodd",
  });
}

function line(what: Extract<Sample, { kind: "line" }>): SVGElement {
  const stroke = drawing("M1 12h22", SIZE, {
    class: "sample",
    fill: "none",
    stroke: what.color,
    "stroke-width": what.width,
    ...(what.dashed && { "stroke-dasharray": "5 3" }),
  });
  if (!what.casing) return stroke;
  const casing = stroke.firstElementChild?.cloneNode() as SVGElement;
  casing.setAttribute("stroke", what.casing);
  casing.setAttribute("stroke-width", String(what.width + 2));
  stroke.prepend(casing);
  return stroke;
}
