// Texts of suggested rebalances: Chinese, then English.

import { translator } from "../../language";

export const t = translator({
  suggest: ["均衡建议", "Suggest a rebalance"],
  suggestWhy: [
    "用最小调整让各网格户数进入区间,生成草案供查看,不会自动生效",
    "The least change that brings every grid into its band, as a draft to look at. Nothing takes effect by itself",
  ],
  scope: ["范围", "Of"],
  wholeTown: ["全镇", "the whole town"],
  waiting: ["排队中…", "Waiting its turn…"],
  callOff: ["取消", "Call off"],
  calledOff: ["已取消,没有生成草案", "Called off: no draft was made"],
  failed: ["未能生成:{why}", "It failed: {why}"],
  inBand: ["各网格户数都在 {least}–{most} 户之内,无需调整", "Every grid is within {least}–{most} households: nothing to mend"],
  nothingHelps: ["没有能再改善的调整", "No change would mend any more"],
  title: ["均衡建议", "Suggested rebalance"],
  asCounted: ["按生成时的户数统计", "As counted when it was suggested"],
  moved: ["{moved} 户换网格,占 {share}", "{moved} households change their grid, {share} of all"],
  atLeast: ["至少要动 {n} 户", "at least {n} would have to"],
  outside: ["区间外的网格", "Grids outside {least}–{most}"],
  compactness: ["平均紧凑度", "Mean compactness"],
  villagesNamed: ["未能进入区间的村社", "Villages that stay outside the band"],
  reason_indivisible: [
    "{n} 户无法整除到区间,已取最接近的划分",
    "{n} households can't be divided into the band; this is the closest",
  ],
  reason_nothing_fits: [
    "{n} 户:微网格和楼栋都无法合适划分,请按单元或楼层划分",
    "{n} households: no micro-grid and no line between buildings fits; divide a high-rise by entrance or floor",
  ],
  reason_undrawable: ["{n} 户,未作调整:{why}", "{n} households, left as it was: {why}"],
  reason_missed: ["{n} 户:切分线两侧户数与计算略有出入", "{n} households: some are on the other side of a cut"],
  movesOf: ["{village} · {n} 个微网格", "{village} · {n} micro-grids"],
  households: ["{n} 户", "{n} households"],
  cutFrom: ["切自 {name}", "cut from {name}"],
  opened: ["新设网格", "New grids"],
  closed: ["并入他网格", "Merged into others"],
});
