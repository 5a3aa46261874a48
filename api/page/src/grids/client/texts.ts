// Texts of what map clients drew: Chinese, then English.

import { translator } from "../../language";

export const t = translator({
  title: ["{client} 所画", "Drawn in {client}"],
  pending: ["{n} 个单元尚未定稿", "Units not settled yet: {n}"],
  settledSteps: ["已定稿 {n} 步", "steps settled: {n}"],
  nothingPending: ["{client} 所画的都已定稿,列在下方操作记录里。", "All that {client} drew is settled: see the steps below."],
  nothingYet: ["{client} 在此草案里还没有画东西。", "Nothing has been drawn in {client} yet."],
  clean: ["无缝隙、无重叠,可以定稿", "No gap, no overlap: it can be settled"],
  unclean: ["{n} 处问题,点击查看", "Faults: {n}; click to see"],
  uncleanWhy: [
    "{client} 逐个单元保存,其余单元可能还没存。可在 {client} 中改好再存,或在此修复、放弃。",
    "{client} saves unit by unit, and some may be missing. Mend it there and save again, or repair or discard here.",
  ],
  reread: ["重新读取", "Read again"],
  rereadWhy: ["在 {client} 中又存过之后点此", "After saving in {client} again"],
  settle: ["定稿为一步", "Settle as a step"],
  settleWhy: [
    "定稿后可撤销,也可在此继续编辑;提交审批时会自动定稿",
    "A settled step can be undone, and you can go on here. Submitting settles by itself",
  ],
  pageWaits: ["定稿之前,本页的编辑工具停用", "The tools of this page rest until it is settled"],
  outline: ["镇界也被移动了。", "The outline of the town moves too."],
  outlineNotYours: ["镇界只能由管理员定稿;否则请放弃这部分。", "Only an administrator can settle that; else discard that part."],
  neighbour: ["相邻镇街(必填)", "Neighbour town (required)"],
  neighbourMissing: ["请先写明相邻镇街", "Name the neighbour town first"],
  discardAll: ["全部放弃", "Discard all"],
  discardAllSure: ["再按一次,放弃全部 {n} 个", "Press again to discard all {n}"],
  discardOne: ["放弃", "Discard"],
  discardOneSure: ["确认放弃", "Sure?"],
  discardOneOf: ["放弃「{name}」的改动", "Discard what was drawn of {name}"],
  units: ["画过的单元", "Units drawn"],
  did_new: ["新增", "new"],
  did_gone: ["删除", "deleted"],
  did_shape: ["改形状", "shape"],
  did_named: ["改属性", "attributes"],
  faulty: ["有问题", "fault"],
  width: ["宽 {width}", "{width} wide"],
  unitsMore: ["等 {n} 个", "and {n} more"],

  repairTitle: ["修复细缝", "Repair slivers"],
  repairWhy: [
    "最宽处 {width}。先看会移动什么,再决定是否采用。",
    "The widest is {width}. See first what would move, then take it or not.",
  ],
  repairTooWide: [
    "有宽于 5 m 的缝隙或重叠,不能自动修复:请补画缺的单元,或放弃画错的单元。",
    "Wider than 5 m can't be repaired: draw the units that are missing, or discard the wrong ones.",
  ],
  repairWidth: ["修到多宽(米,最多 5)", "Up to (metres, at most 5)"],
  preview: ["看看会移动什么", "See what moves"],
  take: ["照此修复", "Take this repair"],
  movedSum: ["移动 {n} 个顶点,最远 {far}", "Vertices moved: {n}, by up to {far}"],
  addedSum: ["补 {n} 个顶点", "vertices added: {n}"],
  areaSum: ["{area} m² 换归属", "{area} m² change hands"],
  cleanAfter: ["修复后没有问题", "Nothing is wrong afterwards"],
  notCleanAfter: ["修复后仍有 {n} 处问题", "Faults left afterwards: {n}"],
  nothingToRepair: ["该宽度内没有可修的,请写大一些", "Nothing to repair up to that width: state a larger one"],
  alsoMoves: ["会带动没有画过的相邻单元:{names}", "Neighbours that were not drawn move too: {names}"],
  place_moved: ["移动 {far}", "moves by {far}"],
  place_added: ["补一个顶点", "a vertex is added"],
  placesMore: ["……另有 {n} 处,见地图", "… and {n} more, on the map"],
  rule_crossing: ["边界自相交", "An edge crosses its own unit"],
  rule_unmatched: ["相邻边界节点不一致", "Neighbours don't share their vertices"],
  rule_outline: ["镇界移动", "The outline moves"],
  rule_level: ["上级单元已删除", "The parent is gone"],
  changed: [
    "{client} 刚又存过,已重新读取,请再看一遍。",
    "{client} has saved again meanwhile; it was read anew. Please look once more.",
  ],
});

/** Centimetres where it is little. */
export function metres(length: number): string {
  if (length < 0.01) return `${(length * 1000).toFixed(1)} mm`;
  return length < 1 ? `${(length * 100).toFixed(length < 0.1 ? 1 : 0)} cm` : `${length.toFixed(2)} m`;
}
