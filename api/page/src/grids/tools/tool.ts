// What a tool is, and what it works with.

import type { Edit, Level, Place } from "../contract";
import type { OpenDraft } from "../draft";
import type { Snapped } from "../map/snapping";
import type { GridMap } from "../map/view";
import type { BurdenMap } from "../model/burden";
import type { Pixel } from "../model/plane";

/** A part of an arc: from one vertex to another, both staying where they are. */
export interface Run {
  first: number;
  last: number;
}

export type Selection =
  | { kind: "none" }
  | { kind: "arc"; id: number; run: Run | null }
  | { kind: "unit"; id: number };

export const NOTHING_CHOSEN: Selection = { kind: "none" };

export const TOOLS = ["select", "split", "merge", "transfer", "parent", "group", "border", "follow", "share", "comment"] as const;
export type ToolId = (typeof TOOLS)[number];

export interface Tool {
  readonly id: ToolId;
  /** What is to be filled in, beside the map. */
  readonly panel?: HTMLElement;
  /** What to do next, in words. */
  hint(): string;
  click(place: Place, pixel: Pixel): void;
  hover?(place: Place, pixel: Pixel): void;
  /** Enter, a double click, or the button. */
  finish?: (() => void) | undefined;
  /** Take back the last place or pick. */
  back?(): void;
  /** The draft isn't any more what it was when the tool was taken. */
  changed?(): void;
  /** Leave nothing on the map. */
  end(): void;
}

/** The editor as tools see it. */
export interface Workbench {
  readonly map: GridMap;
  readonly draft: OpenDraft;
  readonly level: Level;
  readonly selection: Selection;
  /** What units look after; null as long as it isn't known. */
  readonly burdens: BurdenMap | null;
  /** Whether the outline is theirs to change. */
  readonly mayMoveOutline: boolean;
  choose(selection: Selection): void;
  operate(kind: string, parameters: Record<string, unknown>): Promise<Edit | null>;
  /** The place meant by a pixel, drawn onto a street or water where one is near. */
  aim(pixel: Pixel): Snapped;
  /** The tool wants something else of its user now. */
  tell(): void;
  /** The tool has done its work. */
  done(): void;
  /** Say why something can't be. */
  complain(words: string): void;
  startComment(place: Place): void;
}
