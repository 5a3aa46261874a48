// The tools by name, with their keys.

import { BorderTool } from "../border/tool";
import { ShareTool } from "../highrise/tool";
import { splitTool, transferTool } from "./cut";
import { commentTool, followTool } from "./follow";
import { groupTool, mergeTool, parentTool } from "./pick";
import { selectTool } from "./select";
import type { Tool, ToolId, Workbench } from "./tool";

const MAKERS: Record<ToolId, (bench: Workbench) => Tool> = {
  select: selectTool,
  split: splitTool,
  merge: mergeTool,
  transfer: transferTool,
  parent: parentTool,
  group: groupTool,
  border: (bench) => new BorderTool(bench),
  follow: followTool,
  share: (bench) => new ShareTool(bench),
  comment: commentTool,
};

export const TOOL_KEYS: Record<string, ToolId> = {
  v: "select",
  s: "split",
  m: "merge",
  t: "transfer",
  p: "parent",
  g: "group",
  r: "border",
  f: "follow",
  h: "share",
  n: "comment",
};

export function makeTool(id: ToolId, bench: Workbench): Tool {
  return MAKERS[id](bench);
}
