// A picture under the coverage: raster tiles that our own server fetches.

import type { LayerSpecification, SourceSpecification } from "maplibre-gl";

/** What the server offers; docs/boundaries-api.md. */
export interface Picture {
  id: string;
  title: string;
  title_en: string;
  /** One or more layers of tiles, the lowest first. */
  tiles: string[];
  min_zoom: number;
  max_zoom: number;
  attribution: string;
  /** How far it lies beside the truth; 0 where it doesn't. */
  shift_m: number;
}

export interface ShownPicture {
  picture: Picture;
  opacity: number;
}

const TILE_SIDE = 256;
export const PICTURE_PREFIX = "picture-";

export function pictureSources(shown: ShownPicture | null): Record<string, SourceSpecification> {
  if (!shown) return {};
  const { picture } = shown;
  const sources = picture.tiles.map((path, i): [string, SourceSpecification] => [
    nameOf(picture, i),
    {
      type: "raster",
      tiles: [`${location.origin}${path}`],
      tileSize: TILE_SIDE,
      minzoom: picture.min_zoom,
      maxzoom: picture.max_zoom,
    },
  ]);
  return Object.fromEntries(sources);
}

export function pictureLayers(shown: ShownPicture | null): LayerSpecification[] {
  if (!shown) return [];
  const { picture, opacity } = shown;
  const paint = { "raster-opacity": opacity, "raster-fade-duration": 0 };
  return picture.tiles.map((_, i) => ({ id: nameOf(picture, i), source: nameOf(picture, i), type: "raster", paint }));
}

function nameOf({ id }: Picture, layer: number): string {
  return `${PICTURE_PREFIX}${id}-${layer}`;
}
