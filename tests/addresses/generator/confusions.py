"""Characters that people, input methods, scanners and foreign keyboards put for others."""

from __future__ import annotations

from random import Random


def _pairs(text: str) -> dict[str, str]:
    return {pair[0]: pair[1:] for pair in text.split()}


# Same or nearly the same sound, as an input method offers them.
SOUNDS = _pairs(
    "杭航 余于鱼 湖胡 西希 宁您 安按鞍 江将姜 龙隆 岗刚冈 宝保 南男 山三 福富 田天 州洲周 门们 海还"
    " 阳杨扬 城成程 东冬 新心 区曲 县现线 市是 长常 沙莎 武五 汉汗 昌长 平评萍 丰风 台太 石十时 景井"
    " 河合何 北背 广光 青清 岛到 浦普 徐许 静净 闵敏 嘉家 松淞 金今 锦景 牛年 成城 华花 双霜 流刘"
    " 雁燕 塔踏 碑杯 林琳 未位 央阳 莲连 桥乔 鼓古 楼搂 玄悬 秦琴 建健 邺业 雨语 栖七 霞侠 溧力 湾弯"
    " 历力 槐怀 荫音 市是 沂宜 淄资 博搏 枣早 庄装 德得 莱来 烟盐 潍维 坊方 临林 聊料 滨宾 菏河 泽择"
    " 源园 原园 泉权 口扣 兴星 永勇 康抗 顺瞬 义意 通同 昆坤 明名 贵桂 遵尊 兰蓝 银引 川穿 乌屋 思斯"
)
# Nearly the same shape, as a scanner or a hasty reader takes them.
SHAPES = _pairs(
    "州洲 陵凌 邢刑 郴彬 亳毫 淄缁 菏荷 莆蒲 衢衡 泸沪 淮准 揭掲 闵闽 冶治 荥荣 汨泪 未末 土士 日曰 天夭"
    " 干千 巳已 大太 王玉 木本 兰三 县具 区医 宿缩 浔寻 涪培 睢雎 郾偃 濮仆 漯骡 沭沐 邳邱 盱吁 眙贻 歙翕"
    " 黟黝 婺务 弋戈 砀荡 亳毫 谯樵 埇涌 硚桥 秭姊 孝考 咸威 耒来 攸悠 醴澧 澧醴 溆叙 芷止 岑芩 钦软"
    " 浈贞 蕉焦 榕溶 潮湖 茂戊 阆闽 邛印 犍健 珙拱 筠均 岷泯 凉谅 泾经 渭谓 彬杉 洛络 勉免 洋详 靖请"
    " 会合 古占 泉皋 乐东 朔溯 忻析 隰湿 稷谡 绛降 芮丙 蒲浦 临监 汾份 宁字 和知 丰半 阜埠 巢集"
)
TRADITIONAL = _pairs(
    "东東 广廣 门門 龙龍 区區 县縣 宁寧 阳陽 长長 乌烏 鲁魯 齐齊 尔爾 滨濱 汉漢 苏蘇 无無"
    " 庆慶 贵貴 云雲 陕陝 兰蘭 马馬 岛島 泽澤 临臨 济濟 渊淵 沈瀋 辽遼 锦錦 营營 盘盤 铁鐵"
    " 连連 抚撫 顺順 吴吳 杨楊 黄黃 浔潯 赣贛 饶饒 萨薩 义義 丽麗 温溫 罗羅 闽閩 泸瀘 绵綿"
    " 资資 达達 环環 关關 双雙 鸡雞 鹤鶴 鸭鴨 绥綏 兴興 巩鞏 滦灤 张張 邓鄧 郏郟 叶葉 宝寶"
    " 邹鄒 诸諸 潍濰 费費 枣棗 庄莊 陇隴 肃肅 静靜 会會 凤鳳 岭嶺 峡峽 灵靈 团團 里裏 镇鎮"
    " 乡鄉 华華 国國 园園 场場 农農 红紅 绿綠 铜銅 银銀 桥橋 楼樓 图圖 伦倫 贝貝 维維 满滿"
    " 韩韓 莲蓮 荆荊 随隨 冈岡 枫楓 钢鋼 钟鐘 万萬 与與 专專 业業 丰豐 乐樂 书書 买買 产產"
    " 亲親 仪儀 众眾 优優 伤傷 伟偉 传傳 体體 侨僑 俭儉 储儲 儿兒 党黨 军軍 冲衝 净淨 凉涼"
    " 划劃 刘劉 创創 别別 剑劍 动動 劳勞 协協 单單 卢盧 卫衛 历歷 厅廳 厂廠 厦廈 发發 变變"
    " 叙敘 号號 启啟 员員 响響 坛壇 垫墊 墙牆 处處 头頭 夹夾 夺奪 妆妝 学學 宾賓 审審 宪憲"
    " 将將 尘塵 层層 岁歲 岗崗 嵘嶸 师師 帅帥 带帶 库庫 应應 庐廬 开開 归歸 录錄 彦彥 征徵"
    " 径徑 忆憶 怀懷 恒恆 戏戲 战戰 户戶 扬揚 择擇 挥揮 数數 旧舊 时時 显顯 晋晉 术術 权權"
    " 条條 来來 极極 标標 树樹 样樣 检檢 榄欖 欢歡 汇匯 汤湯 沟溝 沥瀝 沪滬 洁潔 涌湧 润潤"
    " 渔漁 湾灣 滩灘 潜潛 灯燈 烟煙 热熱 爱愛 玛瑪 现現 珑瓏 瑶瑤 电電 画畫 畅暢 监監 矿礦"
    " 础礎 确確 种種 积積 称稱 筑築 简簡 类類 粤粵 紧緊 纪紀 线線 组組 经經 结結 绍紹 统統"
    " 绩績 续續 缙縉 职職 联聯 胜勝 脉脈 腾騰 舰艦 艺藝 节節 芦蘆 苍蒼 药藥 荣榮 莱萊 蓝藍"
    " 蓟薊 虚虛 蚬蜆 装裝 观觀 规規 视視 计計 认認 议議 诚誠 诺諾 谢謝 财財 货貨 质質 购購"
    " 贺賀 赵趙 车車 轮輪 轩軒 运運 进進 远遠 迁遷 选選 递遞 逊遜 邻鄰 郑鄭 郸鄲 酱醬 释釋"
    " 针針 钱錢 锡錫 闸閘 阁閣 阴陰 际際 陆陸 陈陳 隐隱 难難 顶頂 项項 须須 领領 题題 风風"
    " 飞飛 饭飯 馆館 驻駐 驿驛 骏駿 鱼魚 鲤鯉 鸟鳥 鹏鵬 麦麥"
)
# Radicals of the Unicode block that PDFs give for whole characters.
RADICALS = _pairs(
    "西⻄ 长⻓ 门⻔ 山⼭ 青⻘ 黑⿊ 香⾹ 大⼤ 口⼝ 金⾦ 广⼴ 马⻢ 龙⻰ 田⽥ 石⽯ 水⽔ 火⽕ 木⽊ 土⼟ 日⽇"
    " 月⽉ 人⼈ 十⼗ 二⼆ 八⼋ 小⼩ 工⼯ 白⽩ 竹⽵ 羊⽺ 老⽼ 虎⻁ 鱼⻥ 鸟⻦ 鹿⿅ 高⾼ 黄⻩ 齐⻬ 方⽅ 文⽂ 户⼾"
)
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def swapped(text: str, table: dict[str, str], chance: Random, *, share: float = 1.0) -> str:
    """Return a text with that share of its swappable characters swapped."""
    return "".join(
        chance.choice(table[char]) if char in table and chance.random() < share else char
        for char in text
    )


def one_swapped(text: str, table: dict[str, str], chance: Random, *, spare: int = 1) -> str | None:
    """Return a text with one character confused, its last `spare` kept; None when none can be."""
    places = [n for n, char in enumerate(text[: len(text) - spare]) if char in table]
    if not places:
        return None
    at = chance.choice(places)
    return text[:at] + chance.choice(table[text[at]]) + text[at + 1 :]
