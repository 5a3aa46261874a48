// Texts of the orders under way: Chinese, then English.

import { translator } from "../../language";

export const t = translator({
  title: ["执行中的指令", "Orders under way"],
  sent: ["已下达", "sent"],
  delivered: ["已送达", "delivered"],
  seen: ["已看到", "seen"],
  accepted: ["已收到,前往中", "accepted, under way"],
  arrived: ["已到场", "on scene"],
  reported: ["已反馈", "reported"],
  since: ["{state} {elapsed}", "{state}, {elapsed}"],
  unanswered: ["无人收到:请用电台或电话呼叫", "Nobody answers: call by radio or phone"],
  unreachable: ["平台无法送达 {label}:请用电台或电话呼叫", "The platform can't reach {label}: call by radio or phone"],
  tried: ["已试:{channels}", "tried: {channels}"],
  page: ["页面", "page"],
  sms: ["短信", "SMS"],
  dingtalk: ["钉钉", "DingTalk"],
  wecom: ["企业微信", "WeCom"],
  voice: ["语音", "call"],
  desk: ["调度台", "desk"],
  withdraw: ["撤销", "Withdraw"],
  withdrawSure: ["确认撤销?", "Withdraw?"],
  acceptFor: ["已口头收到", "Said yes by radio"],
  look: ["在地图上看", "Show on the map"],
});
