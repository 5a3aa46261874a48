// What the search box says: Chinese, then English.

import { translator } from "../../language";

const TEXTS = {
  search: ["查地点", "Find a place"],
  placeholder: ["地点、门牌、路口、灯杆", "Place, address, crossing"],
  accepts: [
    "可输入:地点、门牌、路口、灯杆号、拼音首字母、坐标",
    "Places, addresses, crossings, lamp posts, pinyin initials, coordinates",
  ],
  hint: ["按 / 键开始,↑↓ 选择,回车确定", "Press / to begin, ↑↓ to choose, Enter to take"],
  empty: ["清空", "Clear"],
  nothing: ["没有叫“{text}”的地点", "Nothing is called “{text}”"],
  nothingHow: [
    "。可在地图上点选位置,再把这个叫法记为别称",
    ". Click the spot on the map, then keep this name as an alias",
  ],
  asksDatum: ["坐标是从哪里来的?", "Where do these coordinates come from?"],
  asksOrder: ["哪个是经度?坐标是从哪里来的?", "Which one is the longitude, and of which datum?"],
  notInTown: ["不在本镇", "not in this town"],
  found: ["{count} 个结果", "{count} found"],
  addAlias: ["把“{text}”记为所选位置的别称", "Keep “{text}” as an alias of the chosen spot"],
  added: ["已记为别称", "Alias kept"],
  removeAlias: ["删除别称“{text}”", "Remove the alias “{text}”"],
  part: ["指明:{inner}", "said: {inner}"],
  kind_alias: ["别称", "Alias"],
  kind_village: ["村社", "Village"],
  kind_place: ["地名", "Place"],
  kind_building: ["建筑", "Building"],
  kind_premises: ["场所", "Premises"],
  kind_street: ["道路", "Street"],
  kind_crossing: ["路口", "Crossing"],
  kind_address: ["门牌", "Address"],
  kind_entrance: ["单元", "Entrance"],
  kind_water: ["水系", "Water"],
  "kind_lamp-post": ["灯杆", "Lamp post"],
  kind_grid: ["网格", "Grid"],
  "kind_micro-grid": ["微网格", "Micro-grid"],
  kind_sensor: ["设备", "Sensor"],
  kind_coordinate: ["坐标", "Coordinates"],
} as const;

export const words = translator(TEXTS);

/** What a kind of place is called. */
export function kindName(kind: string): string {
  const key = `kind_${kind}` as keyof typeof TEXTS;
  return key in TEXTS ? words(key) : kind;
}
