// Point symbols: one path each, drawn on the map by canvas and in the legend as SVG.

import type { Palette } from "./palette";

export const SIZE = 24;

/** Shapes in a 24 × 24 box; shape and not only colour tells the kinds apart. */
export const SHAPES = {
  circle: "M12 5a7 7 0 1 0 0 14a7 7 0 1 0 0-14z",
  square: "M6 6h12v12H6z",
  triangle: "M12 4.5L20 18.5H4z",
  diamond: "M12 3.5L20.5 12L12 20.5L3.5 12z",
  cross: "M9 4h6v5h5v6h-5v5H9v-5H4V9h5z",
  camera: "M3.5 7h11v3l6-3v10l-6-3v3h-11z",
  smoke: "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18zM12 7.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0-9z",
  drop: "M12 3c3 4.5 5.8 7.6 5.8 11a5.8 5.8 0 1 1-11.6 0c0-3.4 2.8-6.5 5.8-11z",
  wind: "M3 8h11a2.5 2.5 0 1 0-2.5-2.5h-2a4.5 4.5 0 1 1 4.5 4.5H3zM3 12h14a4 4 0 1 1-4 4h2a2 2 0 1 0 2-2H3z",
  ring: "M12 5a7 7 0 1 0 0 14a7 7 0 1 0 0-14zM12 8.5a3.5 3.5 0 1 1 0 7a3.5 3.5 0 1 1 0-7z",
  car: "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20zM8.3 8h7.4l1.6 4v4.5h-2.3v-1.5H9v1.5H6.7V12zM9.2 9.6l-.9 2.4h7.4l-.9-2.4z",
  ebike:
    "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20zM8 13a2.3 2.3 0 1 1 0 4.6a2.3 2.3 0 1 1 0-4.6zM16 13a2.3 2.3 0 1 1 0 4.6a2.3 2.3 0 1 1 0-4.6zM12.5 7h3l1.8 5h-1.9l-1.2-3.3h-1.7zM7.5 10h6v2h-6z",
  foot: "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20zM12.5 5a1.8 1.8 0 1 1 0 3.6a1.8 1.8 0 1 1 0-3.6zM10.7 9.3h2.6l2.9 2.7-1 1.2-2-1.6-.4 2.3 1.9 4.6h-2l-1.6-3.7-1.5 3.7h-2l2-5.2.3-2.2-1.4 2.2-1.4-.8z",
  noEntry: "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20zM6 10.2h12v3.6H6z",
  caution: "M12 2.5L22.5 20.5H1.5zM10.9 9h2.2l-.3 5.6h-1.6zM10.9 16h2.2v2.2h-2.2z",
} as const;

export type Shape = keyof typeof SHAPES;

export interface PointSymbol {
  shape: Shape;
  color: string;
}

/** A kind's symbol: a named one, or the next of a few shapes in the next colour. */
export function symbolOf(code: string, position: number, palette: Palette): PointSymbol {
  const known: Partial<Record<string, Shape>> = KNOWN;
  const shape = known[code] ?? OTHERS[position % OTHERS.length] ?? "circle";
  return { shape, color: palette.kinds[position % palette.kinds.length] ?? palette.label };
}

const OTHERS: readonly Shape[] = ["circle", "square", "triangle", "diamond", "cross", "ring"];
const KNOWN = {
  firm: "square",
  workshop: "triangle",
  shop: "circle",
  school: "diamond",
  public: "cross",
  camera: "camera",
  smoke: "smoke",
  water: "drop",
  air: "wind",
  foot: "foot",
  ebike: "ebike",
  car: "car",
} satisfies Record<string, Shape>;

/** The name under which the map knows a symbol; it says how to draw it. */
export function imageName(symbol: PointSymbol, edge: string): string {
  return `symbol|${symbol.shape}|${symbol.color}|${edge}`;
}

/** The picture behind such a name, or null if it is none of ours. */
export function drawImage(name: string, pixelRatio: number): ImageData | null {
  const [kind, shape, color, edge] = name.split("|");
  if (kind !== "symbol" || !shape || !color || !edge || !(shape in SHAPES)) return null;
  const pixels = SIZE * pixelRatio;
  const canvas = new OffscreenCanvas(pixels, pixels);
  const pen = canvas.getContext("2d");
  if (!pen) return null;
  pen.scale(pixelRatio, pixelRatio);
  paint(pen, new Path2D(SHAPES[shape as Shape]), color, edge);
  return pen.getImageData(0, 0, pixels, pixels);
}

/** Edge first, so that the symbol stands off from whatever lies below it. */
function paint(
  pen: OffscreenCanvasRenderingContext2D,
  path: Path2D,
  color: string,
  edge: string,
): void {
  pen.lineJoin = "round";
  pen.lineWidth = 3;
  pen.strokeStyle = edge;
  pen.stroke(path);
  pen.fillStyle = edge;
  pen.fill(path, "nonzero");
  pen.fillStyle = color;
  pen.fill(path, "evenodd");
}
