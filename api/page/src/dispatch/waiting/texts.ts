// Texts of the incidents on which nobody is: Chinese, then English.

import { translator } from "../../language";

export const t = translator({
  title: ["{n} 起事件无人处置", "Nobody is sent: {n}"],
  further: ["显示全部 {n} 起", "Show all {n}"],
  imported: ["导入的未办结事件({n} 起,最新在前)", "Open in imported files ({n}, newest first)"],
  severity: ["{n} 级", "level {n}"],
  waits: ["已等 {time}", "waits {time}"],
  hours: ["{n} 小时", "{n} h"],
  days: ["{n} 天", "{n} d"],
  look: ["看谁能最先到场", "Who can be there first"],
});
