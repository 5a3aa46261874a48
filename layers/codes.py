"""Code lists of the published properties: each code with its meaning in Chinese and English."""

from __future__ import annotations

from layers.catalogue import Text

UNIT_KINDS = {
    "community": Text("社区", "community"),
    "village": Text("行政村", "village"),
}
PREMISES_KINDS = {
    "firm": Text("工业企业", "industrial firm"),
    "workshop": Text("农村加工业", "rural workshop"),
    "shop": Text("经营店面", "shop"),
    "school": Text("学校", "school"),
    "public": Text("公共机构", "public institution"),
    "other": Text("其他", "other"),
}
BUILDING_USES = {
    "residential": Text("住宅", "residential"),
    "commercial": Text("商业", "commercial"),
    "industrial": Text("工业", "industrial"),
    "public": Text("公共", "public"),
    "other": Text("其他", "other"),
}
SENSOR_KINDS = {
    "camera": Text("高空摄像头", "camera"),
    "smoke": Text("烟雾传感器", "smoke detector"),
    "water": Text("水质监测", "water quality station"),
    "air": Text("空气监测", "air quality station"),
    "other": Text("其他", "other"),
}
SENSOR_STATUSES = {
    "online": Text("在线", "online"),
    "offline": Text("离线", "offline"),
    "alarm": Text("报警", "alarm"),
    "unknown": Text("未知", "unknown"),
}
RESPONDER_MODES = {
    "foot": Text("步行", "on foot"),
    "ebike": Text("电动车", "e-bike"),
    "car": Text("汽车", "car"),
    "emergency": Text("应急车辆", "emergency vehicle"),
}
# What a file of incidents says of them.
IMPORTED_STATES = {
    "open": Text("未办结", "open"),
    "closed": Text("已办结", "closed"),
}
INCIDENT_STATES = {
    "open": IMPORTED_STATES["open"],
    "reported": Text("已上报", "reported"),
    "triage": Text("待派单", "to be dispatched"),
    "dispatched": Text("已派单", "dispatched"),
    "handling": Text("处置中", "being handled"),
    "suspended": Text("已挂起", "suspended"),
    "handled": Text("已处置", "handled"),
    "verifying": Text("核实中", "being verified"),
    "reopened": Text("重新办理", "reopened"),
    "closed": IMPORTED_STATES["closed"],
    "merged": Text("已并案", "merged into another"),
    "rejected": Text("不受理", "rejected"),
    "cancelled": Text("已撤销", "cancelled"),
}
ORDER_STATES = {
    "sent": Text("已发出", "sent"),
    "delivered": Text("已送达", "delivered"),
    "seen": Text("已查看", "seen"),
    "accepted": Text("已接单", "accepted"),
    "arrived": Text("已到场", "arrived"),
    "reported": Text("已反馈", "reported back"),
    "done": Text("已完成", "done"),
    "declined": Text("已拒单", "declined"),
    "lapsed": Text("超时未接", "lapsed"),
    "withdrawn": Text("已撤回", "withdrawn"),
}
HOTSPOT_CLASSES = {
    "hot_99": Text("热点(99%)", "hot, 99 %"),
    "hot_95": Text("热点(95%)", "hot, 95 %"),
    "hot_90": Text("热点(90%)", "hot, 90 %"),
    "not_significant": Text("不显著", "not significant"),
    "cold_90": Text("冷点(90%)", "cold, 90 %"),
    "cold_95": Text("冷点(95%)", "cold, 95 %"),
    "cold_99": Text("冷点(99%)", "cold, 99 %"),
}
