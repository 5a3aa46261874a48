// Texts of the panel of several incidents: Chinese, then English.

export const ASSIGNMENT_TEXTS = {
  title: ["多起事件,统筹派单", "Several incidents at once"],
  orderThis: ["派", "Send"],
  insteadThis: ["改派", "Send instead"],
  orderAll: ["按建议全部下达({n} 单)", "Send all as suggested ({n})"],
  confirmAll: ["再按一次,下达 {n} 单", "Press again to send {n}"],
  ordering: ["正在下达…", "Sending…"],
  others: ["换人的代价", "What another choice costs"],
  late: ["超时", "late"],
  waited: ["已等 {time}", "waiting {time}"],
  hours: ["{n} 小时", "{n} h"],
  days: ["{n} 天", "{n} d"],
  severity: ["{n} 级", "level {n}"],
  former: ["替下 {who}", "instead of {who}"],
  onWay: ["在途", "under way"],
  failed: ["{what}:{why}", "{what}: {why}"],
  reason: ["统筹派单建议", "as suggested for several incidents"],
  reasonOther: ["调度员另选", "the dispatcher's own choice"],
  further: ["另有 {n} 起", "{n} more"],
} as const;
