// Texts of borders drawn anew, the outline among them: Chinese, then English.

import { translator } from "../../language";

const TEXTS = {
  title: ["重画整条分界", "Redraw a whole border"],
  titleOutline: ["调整镇界", "Change the outline"],
  hintPick: [
    "点一条{level}之间的分界,或镇界;层级在左上角换",
    "Click a border between two {level}s, or the outline. The level is chosen at the top left",
  ],
  hintDraw: [
    "画出新的分界:横穿「{one}」和「{other}」一次;双击或回车完成,退格删末点",
    "Draw the new border across “{one}” and “{other}” once; double-click or Enter ends it, Backspace takes back",
  ],
  hintStreet: ["点一条道路或水系,分界就改沿它走", "Click a street or a water: the border is laid along it"],
  hintOutline: [
    "从镇界起、回到镇界止,画出新的走向;双击或回车完成",
    "Draw the new course from the outline back to the outline; double-click or Enter ends it",
  ],
  hintOutlineNo: ["镇界只有管理员能改,请点镇内的分界", "Only administrators change the outline. Click a border inside the town"],
  between: ["{one} | {other}", "{one} | {other}"],
  facts: ["现在 {length} m,由 {n} 段边组成", "{length} m now, of {n} edges"],
  whatUpper: [
    "沿线的微网格随新界切开,原先接在旧界上的边延到新界;几乎整块落到另一侧的单元随之改归属。",
    "Micro-grids along the line are cut by it, and edges that ended on the old border lead on to the new one. A unit that lies almost wholly on the other side goes there.",
  ],
  whatLower: ["两侧各归其所,其他邻居的边不动。", "Each keeps its side; edges of other neighbours stay."],
  another: ["换一条", "Another one"],
  street: ["沿街沿河…", "Along a street …"],
  drawn: ["改为自己画", "Draw it instead"],
  outlineOf: ["镇界,{unit}外缘", "The outline, beside {unit}"],
  outlineWhy: [
    "镇界是镇与镇之间的法定界线:每次调整写明涉及的相邻镇街,留在操作记录里,由他人批准后生效。",
    "The outline is the legal border between towns: each change names the neighbour concerned, which stays in the list of steps, and takes effect once somebody else has approved it.",
  ],
  noRight: [
    "您的账号不能改镇界:它由系统管理员调整。请管理员登录后打开本草案,用同一工具操作。",
    "Your account can’t change the outline: administrators do. Let one sign in, open this draft and use the same tool.",
  ],
  neighbour: ["相邻镇街(必填)", "Neighbour town (required)"],
  neighbourFirst: ["先写明相邻镇街", "Name the neighbour town first"],
  before: ["现:界外为「{neighbour}」", "Now: beyond it lies “{neighbour}”"],
  after_gain: ["改后:自「{neighbour}」净划入约 {area} ha", "Then: a net {area} ha come from “{neighbour}”"],
  after_loss: ["改后:净有约 {area} ha 划归「{neighbour}」", "Then: a net {area} ha go to “{neighbour}”"],
  unnamed: ["(未写明)", "(not named)"],
  notDrawn: ["还没有画新的走向", "The new course isn’t drawn yet"],
  offOutline: ["线的两端要落在镇界上", "The line has to begin and end on the outline"],
  apply: ["按此调整镇界", "Change the outline so"],
} as const satisfies Record<string, readonly [zh: string, en: string]>;

export const t = translator(TEXTS);
