// Texts of the coverage as it is today, and as it will be: Chinese, then English.

import { translator } from "../../language";

const TEXTS = {
  tab: ["网格", "Grids"],
  title: ["今天的网格", "The grids of today"],
  counts: ["{villages} 个村社 · {grids} 个网格 · {micro} 个微网格", "{villages} villages · {grids} grids · {micro} micro-grids"],
  clickHint: ["点地图上的单元,看它的属性和工作量", "Click a unit on the map for its attributes and workload"],
  readOnly: ["网格边界由地理信息编辑和管理员调整,这里只供查看。", "Boundaries are redrawn by GIS editors and administrators; here they are to look at."],
  otherAccount: ["换用其他账号登录", "Sign in by another account"],
  levelWord: ["层级", "Level"],
  englishName: ["英文名", "English name"],
  kind: ["类型", "Kind"],
  parents: ["上级", "Within"],
  below: ["下辖", "Holds"],
  belowGrids: ["{n} 个网格", "{n} grids"],
  belowMicro: ["{n} 个微网格", "{n} micro-grids"],
  code: ["编码", "Code"],
  zoomTo: ["缩放至此", "Zoom to it"],
  close: ["关闭", "Close"],
  draftHere: ["从这里新建草案", "Begin a draft here"],
  backToToday: ["关闭草案,回到今天的网格", "Close the draft, back to the grids of today"],
} as const;

export const t = translator(TEXTS);
