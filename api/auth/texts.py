"""What the pages of signing in say, in both languages."""

from __future__ import annotations

from layers.catalogue import Text

TEXTS = {
    "product": Text("网格吹哨", "gridwhistle"),
    "sign_in": Text("登录", "Sign in"),
    "name": Text("账户名", "Account name"),
    "password": Text("密码", "Password"),
    "code": Text("验证码", "Code"),
    "code_why": Text(
        "输入验证器应用上的 6 位验证码,或一个恢复码。",
        "Type the 6 digits of your authenticator app, or a recovery code.",
    ),
    "go_on": Text("继续", "Continue"),
    "with_oidc": Text("用单位账号登录", "Sign in with your office"),
    "answer_order": Text("出勤指令", "An order"),
    "answer_once": Text("请回复一次,仅限本人。", "Answer once, and only if it is you."),
    "answer_accept": Text("收到", "Accept"),
    "answer_decline": Text("不能去", "I can't go"),
    "answer_accepted": Text("已收到,请速到场。", "Accepted. Please go at once."),
    "answer_declined": Text("已记录:您不能去,将另派他人。", "Noted: somebody else will be sent."),
    "answer_arrived": Text("已到场。", "You are on the scene."),
    "answer_reported": Text("已到场并反馈。", "You are on the scene and have reported."),
    "answer_done": Text("任务已完成。", "The order is done."),
    "answer_lapsed": Text(
        "超时未回复,已转派他人,不用去了。",
        "Not answered in time and given to another: no need to go.",
    ),
    "answer_withdrawn": Text("任务已撤销,不用去了。", "Taken back: no need to go."),
    "answer_nothing": Text(
        "链接无效或已过期。有疑问请致电调度台。",
        "This link is invalid, or what it was of is over. If in doubt, call the desk.",
    ),
    "answer_duty": Text("打开出勤页:地点与路线", "Duty page: place and way"),
    "to_map": Text("回到地图", "Back to the map"),
    "other_language": Text("English", "中文"),
    "sign_out": Text("退出登录", "Sign out"),
    "demo": Text(
        "演示镇:启动时的终端里列出了每个角色的账户。",
        "A demo town: the terminal that started it lists an account for each role.",
    ),
    "account": Text("我的账户", "My account"),
    "role": Text("角色", "Role"),
    "department": Text("部门", "Department"),
    "every_department": Text("所有部门", "every department"),
    "enrol_first": Text(
        "这个角色要绑定验证器后才能使用。", "This role is usable once an authenticator is set up."
    ),
    "change_first": Text(
        "这是初始密码,请先换成自己的密码。", "This is a first password: choose your own."
    ),
    "second_factor": Text("两步验证", "Two-step verification"),
    "totp_on": Text("已绑定验证器,登录时要输入验证码。", "On: signing in asks for a code."),
    "totp_off": Text(
        "未绑定。绑定后,登录时除密码外还要验证码。",
        "Off. Once set up, signing in asks for a code besides the password.",
    ),
    "set_up": Text("绑定验证器", "Set up an authenticator"),
    "scan": Text(
        "用验证器应用扫描二维码,再输入它显示的 6 位验证码。",
        "Scan this with an authenticator app, then type the 6 digits that it shows.",
    ),
    "by_hand": Text("不能扫描时输入密钥", "Can't scan? Type this key"),
    "remove": Text("解除绑定", "Remove"),
    "recovery": Text(
        "恢复码只显示这一次,请抄下来。手机丢失时,每个可用一次。",
        "Recovery codes, shown this once: write them down. Each is good once, without the phone.",
    ),
    "change_password": Text("修改密码", "Change password"),
    "old_password": Text("当前密码", "Present password"),
    "new_password": Text("新密码(至少 10 个字符)", "New password (10 characters or more)"),
    "changed": Text("密码已修改,其他会话已结束。", "Changed. All other sessions have ended."),
    "sessions": Text("登录的设备", "Where you are signed in"),
    "this_one": Text("本机", "this one"),
    "last_seen": Text("最近使用", "last used"),
    "end": Text("结束", "End"),
    "end_others": Text("结束其他会话", "End all others"),
    "api_keys": Text("API 密钥", "API keys"),
    "keys_why": Text(
        "供 QGIS、GDAL 和其他程序使用:放在 X-API-Key 头里,或作为 HTTP Basic 的密码。",
        "For QGIS, GDAL and other programs: as the header X-API-Key, or as password of HTTP Basic.",
    ),
    "key_once": Text("密钥只显示这一次:", "The key, shown this once:"),
    "label": Text("用途", "What for"),
    "may_write": Text("可写入", "may write"),
    "reads": Text("只读", "reads"),
    "expires": Text("有效期至", "until"),
    "days": Text("天数", "Days"),
    "make": Text("新建", "Make"),
    "rotate": Text("轮换", "Rotate"),
    "revoke": Text("撤销", "Revoke"),
    "revoked": Text("已失效", "ended"),
    "no_keys": Text("三员账户不使用密钥。", "The three offices have no keys."),
    "none": Text("还没有", "none yet"),
    "own_positions": Text("我的定位", "My positions"),
    "duty_page": Text("回到出勤页", "Back to duty"),
    "responder": Text("处置力量", "Responder"),
    "duty": Text("状态", "Duty"),
    "on_duty": Text("在岗", "on duty"),
    "off_duty": Text("不在岗", "off duty"),
    "kept_for": Text("保留", "Kept for"),
    "days_unit": Text("天", "days"),
    "positions_why": Text(
        "只在岗时接收定位,到期自动删除。调度员看到本部门近两小时的轨迹,管理员看到全部。"
        "派单决策会记录当时各力量的位置以备复核,同样到期删除;名次、时间和理由保留。",
        "Positions are taken on duty only, and deleted after that time. Dispatchers see the last "
        "two hours of their department's tracks, administrators of all. Where everybody was when "
        "somebody was sent is kept with that decision, so that it can be gone over, and deleted "
        "after the same time; ranks, times and reasons stay.",
    ),
    "kept_positions": Text("保留的定位", "What is kept"),
    "newest_only": Text("仅显示最新", "The newest only:"),
}
