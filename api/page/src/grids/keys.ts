// The keyboard, wherever nothing is typed.

import type { Place } from "./contract";
import type { Editor } from "./editor";
import type { Pixel } from "./model/plane";
import { TOOL_KEYS } from "./tools/registry";
import { NOTHING_CHOSEN } from "./tools/tool";

interface Actions {
  undo(): void;
  redo(): void;
  /** Show the map as it was while a key is held. */
  before(held: boolean): void;
  /** Tell of a place, where no draft is open. */
  look(place: Place, pixel: Pixel): void;
}

export function listenToKeys(editor: Editor, actions: Actions): void {
  document.addEventListener("keydown", (event) => {
    if (isTyping(event.target)) return;
    editor.snapping = !event.altKey;
    if (press(editor, actions, event)) event.preventDefault();
  });
  document.addEventListener("keyup", (event) => {
    editor.snapping = !event.altKey;
    if (event.key.toLowerCase() === "b") actions.before(false);
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}

/** Whether the key meant something. */
function press(editor: Editor, actions: Actions, event: KeyboardEvent): boolean {
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) return pressWithControl(actions, key, event.shiftKey);
  if (event.altKey) return false;
  if (!editor.hasDraft) return (key === "enter" || key === " ") && look(editor, actions, event);
  const tool = TOOL_KEYS[key];
  if (tool && (editor.mayEdit || tool === "comment")) editor.take(tool);
  else if (key === "b") actions.before(true);
  else if (key === "escape") leave(editor);
  else if (key === "backspace" && editor.tool?.back) editor.tool.back();
  else if (key === "enter" || key === " ") return enter(editor, event);
  else return false;
  return true;
}

function pressWithControl(actions: Actions, key: string, shift: boolean): boolean {
  if (key === "z" && !shift) actions.undo();
  else if (key === "y" || (key === "z" && shift)) actions.redo();
  else return false;
  return true;
}

/** Look at the middle of the map. */
function look(editor: Editor, actions: Actions, event: KeyboardEvent): boolean {
  if (event.target !== editor.map.canvas) return false;
  const center = editor.map.center();
  actions.look(center, editor.map.pixel(center));
  return true;
}

/** First the tool is put away, then what is chosen. */
function leave(editor: Editor): void {
  if (editor.tool?.id !== "select") editor.take("select");
  else editor.choose(NOTHING_CHOSEN);
}

/** Enter ends what is drawn or picked; where nothing is, it clicks the middle of the map, as the space bar does. */
function enter(editor: Editor, event: KeyboardEvent): boolean {
  if (event.key === "Enter" && editor.tool?.finish) {
    if (event.target instanceof HTMLButtonElement) return false;
    editor.tool.finish();
    return true;
  }
  if (event.target !== editor.map.canvas) return false;
  const center = editor.map.center();
  editor.click(center, editor.map.pixel(center));
  if (editor.selection.kind === "arc") editor.handles.focusFirst();
  return true;
}
