// Texts of what is planned, and of days: Chinese, then English.

import { translator } from "../../language";

const TEXTS = {
  title: ["计划中的调整", "Planned redraws"],
  hint: ["已批准、到时生效;后面的叠加在前面的之上", "Approved, effective later; each stands on those before it"],
  planned: ["计划", "planned"],
  disputed: ["将退回", "will reopen"],
  hindered: ["届时不能生效,将退回编辑:{why}", "Won't take effect, but be open again: {why}"],
  unitsChanged: ["{n} 个单元变动", "{n} units change"],
  shown: ["「{name}」生效后({when} 起)的网格", "The grids as they will be from {when}, when “{name}” takes effect"],
  standsOn: ["在此之前生效:{names}", "In effect before it: {names}"],
  nothingYet: ["当日仍与今天相同,尚无计划中的调整生效", "The same as today: nothing planned is in effect by then"],
  bannerPlanned: ["计划 · {when} 起 · 尚未生效", "Planned · from {when} · not in effect yet"],
  bannerPast: ["{day} 的网格", "The grids of {day}"],
  bannerSame: ["{day} · 与今天相同", "{day} · the same as today"],
  back: ["回到今天", "Back to today"],
  clicked: ["{level}「{name}」 {code}", "{level} “{name}” {code}"],
  clickedNone: ["此处没有单元", "No unit here"],
  historyHint: ["拖动滑块看某一天的网格,点地图看当日的单元。", "Slide to see the grids of a day; click the map for a unit of that day."],
  aheadHint: ["向右越过今天,看计划中的网格。", "Right of today are the grids as planned."],
  todayMark: ["今天", "Today"],
} as const;

export const t = translator(TEXTS);
