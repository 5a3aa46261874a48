// Texts of pictures under the map, and of files out of the house and into it.

import { translator } from "../language";

const TEXTS = {
  picture: ["底图", "Picture"],
  pictureNone: ["无", "none"],
  opacity: ["不透明度", "Opacity"],
  pictureShifted: [
    "此底图为 GCJ-02,整体偏移约 {metres} m,不能据此描绘边界",
    "This picture is in GCJ-02 and lies some {metres} m beside the truth: don't trace borders from it",
  ],
  pictureFails: ["底图暂时取不到({status})", "The picture doesn't come ({status})"],
  pictureSilent: ["底图服务器没有及时应答", "The picture's server doesn't answer in time"],

  export: ["导出网格", "Export grids"],
  format: ["格式", "Format"],
  crs: ["坐标系", "CRS"],
  what: ["内容", "What"],
  whatToday: ["现行网格", "today's grids"],
  whatDraft: ["当前草案", "the open draft"],
  download: ["下载", "Download"],
  making: ["正在生成…", "Being made…"],
  made: ["已下载:{name}", "Downloaded: {name}"],
  gpkg: ["GeoPackage(含 QGIS 样式)", "GeoPackage, with QGIS styles"],
  shp: ["Shapefile(zip)", "Shapefile (zip)"],
  geojson: ["GeoJSON", "GeoJSON"],
  dxf: ["DXF(CAD)", "DXF (CAD)"],
  "EPSG:4326": ["WGS 84 经纬度 EPSG:4326", "WGS 84, EPSG:4326"],
  "EPSG:4490": ["CGCS2000 经纬度 EPSG:4490", "CGCS2000 degrees, EPSG:4490"],
  "EPSG:4549": ["CGCS2000 / 3 度带 120E EPSG:4549", "CGCS2000 / 120E metres, EPSG:4549"],
  gcj02: ["GCJ-02(高德等)", "GCJ-02 (AMap)"],
  bd09: ["BD-09(百度)", "BD-09 (Baidu)"],

  maps: ["挂图(PDF)", "Maps for the wall (PDF)"],
  per: ["每幅范围", "A sheet for each"],
  village: ["村社", "village"],
  grid: ["网格", "grid"],
  town: ["全镇", "the town"],
  paper: ["纸张", "Paper"],
  only: ["只要这个编码(空为全部)", "Only this code (empty: all)"],
  makingMaps: ["正在绘制,全部村社约需一分钟…", "Being drawn; all villages take a minute…"],

  changeTable: ["变更对照表", "Change table"],
  changeTableHint: ["当前草案的变更,Excel 表格", "What the open draft changes, for Excel"],

  import: ["导入为草案", "Import as a draft"],
  file: ["文件(GeoPackage、Shapefile 的 zip、GeoJSON、DXF)", "File: GeoPackage, zipped Shapefile, GeoJSON, DXF"],
  fileCrs: ["坐标系或坐标偏移", "CRS or datum"],
  fileCrsOwn: ["按文件所写", "as the file says"],
  level: ["层级", "Level"],
  levelOwn: ["按图层或字段", "by layer or column"],
  villages: ["村社", "villages"],
  grids: ["网格", "grids"],
  "micro-grids": ["微网格", "micro-grids"],
  cleanWidth: ["清理缝隙和重叠,最宽(m,空为不清理)", "Repair slivers up to this width (m; empty: none)"],
  draftName: ["草案名称(空为文件名)", "Name of the draft (empty: the file's)"],
  importNow: ["导入", "Import"],
  importing: ["正在读取并检查…", "Being read and checked…"],
  noChange: ["与现行网格相同,没有建立草案", "The same as today's grids: no draft was opened"],
  imported: ["已建立草案:改动 {changed}、新增 {new}、撤销 {gone}", "A draft was opened: {changed} changed, {new} new, {gone} gone"],
  flaws: ["{n} 处问题,没有导入。点击查看", "{n} faults; nothing was imported. Click to see"],
  flawsMore: ["只列出前 {n} 处", "the first {n} are listed"],
  cleanHint: [
    "清理宽度不小于 {width} m 时可全部修复;填写后再次导入",
    "A width of {width} m or more would repair all; state it and import again",
  ],
  tooWide: [
    "最宽处 {width} m,不是缝隙:坐标系或数据有误,请先核对",
    "Up to {width} m wide, which is no sliver: check the CRS and the data first",
  ],
  flaw_crossing: ["自相交", "crosses itself"],
  flaw_overlap: ["重叠", "overlap"],
  flaw_gap: ["缝隙", "gap"],
  flaw_splinter: ["孤立碎片", "splinter apart"],
  flaw_unmatched: ["公共边节点不一致", "edges don't share their vertices"],
  flaw_uncovered: ["下级未铺满", "not covered from below"],
  flaw_beyond: ["超出上级", "beyond its parent"],
  flawSize: ["宽 {width} m,{area} m²", "{width} m wide, {area} m²"],
} as const satisfies Record<string, readonly [zh: string, en: string]>;

export type FileTextKey = keyof typeof TEXTS;

export const tf = translator(TEXTS);
