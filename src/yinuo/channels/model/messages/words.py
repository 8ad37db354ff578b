"""The words of chat: counting words, numerals, greetings, keywords, and what tells a question."""

from __future__ import annotations

import re

UNITS = "盒套件条个床对双张只片瓶盏顶箱份组包把块支枚提幅副罐袋"
NUMERALS = "零〇一二两俩三仨四五六七八九十百壹贰叁肆伍陆柒捌玖拾半几"
_DIGITS = dict(
    zip("零〇一二两俩三仨四五六七八九", (0, 0, 1, 2, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
_DIGITS |= dict(zip("壹贰叁肆伍陆柒捌玖", range(1, 10), strict=True))
_TENS = {"十": 10, "拾": 10, "百": 100}

# Shown, or said with a shade before it: the character behind it tells the colour.
COLOUR_CHARACTERS = "白灰蓝粉绿红黑黄紫棕咖驼橙青"
COLOUR_SYNONYMS = {"咖": "咖啡", "棕": "咖啡", "驼": "卡其"}

# Surnames that lists of usual ones leave out.
MORE_SURNAMES = frozenset("赖萧代邸粘褟揣敖苍漕迮庹佘亢蹇")

KEYWORDS = {
    "急单": "急单",
    "加急": "急单",
    "急用": "急单",
    "尽快": "急单",
    "急": "急单",
    "礼品盒": "礼品盒",
    "礼盒装": "礼品盒",
    "礼盒包装": "礼品盒",
    "礼品袋": "礼品盒",
    "送礼": "礼品盒",
}
NOT_BEFORE_KEYWORD = re.compile(r"(?:不|别|无需|不用|不要)(?:太|很|用|要)?$")

TALK = (
    "你好呀 你好啊 您好 你好 亲爱的 亲们 亲 老板娘 老板 掌柜 群主 店家 客服 在吗 在不在 早上好 上午好 中午好 下午好 晚上好 早安 大家好 大家 哈喽 哈啰 嗨"
    " 麻烦帮我 麻烦帮忙 麻烦您 麻烦你 麻烦 帮我 帮忙 请帮 劳驾 辛苦了 辛苦啦 辛苦 谢谢啦 谢谢老板 谢谢你 谢谢您 谢谢 多谢 感谢 谢了 拜托"
    " 我想要 我想订 我想买 我要订 我要买 我要 想要 想订 想买 需要 要订 要买 订购 订单 下单 下一单 下个单 拍下 再来 再要 再订 还要 还有 另外 外加 以及 加上"
    " 来一单 来个单 给我留 给我来 给我 留一下 来点 拿 来 要 订 买 留 加 和 跟 与 及 了 的 呢 啊 哈 哦 呀 吧 啦 嘛 噢 嗯 哟 喔 那 就 也 都 先 请 我 是 有 "
    " 寄到 寄给 寄往 寄 发给 发到 发往 送到 送给 发货 发 收货人 收件人 收货 收件 联系人 联系方式 联系电话 联系 姓名 名字 电话是 电话 手机号码 手机号 手机 号码 地址 住在 住 在 收"
    " 产品 商品 货品 东西 款式 规格 尺寸 尺码 颜色 数量 备注 留言 货号 型号 品名 内容 如下 下面 以下 两个地址 三个地址 地址都 每人 两单 三单 几单 一共 合计 总共 共 已转 已付款 已付 付款了 付款 已拍 转账 截图 付好了 转了"
    " 第一个 第二个 第三个 第四个 第五个 第一单 第二单 第三单 第一 第二 第三 客户订单 顾客 朋友 同学 闺蜜 我妈 之前买过 以前买过 买过 老客户 老顾客 不急 可以 行 好的 好 ok OK 收到 到 单 床用 米床 夏天 大概 左右 登记一下 记一下 记下 登记 你们那个 你们 那个 这个 各一份 各 一下 一共要 总共要 我家 家里 另 再 又 全部 都要 给 快点 哈喽呀 亲爱哒 群主你好 帮 也要 整箱 整 数量 颜色随意"
)
_TALK_WORDS = sorted(set(TALK.split()), key=len, reverse=True)
NOISE = re.compile("|".join(map(re.escape, _TALK_WORDS)))
# Pictures, punctuation and everything else that says nothing by itself.
SILENT = re.compile(r"[^\w]|_")

QUESTION = re.compile(
    r"[??]|[吗么](?![\w])|多少钱|什么|怎么|哪个|哪款|哪种|哪里|哪了|几时|有没有|能不能|可不可以|是不是|咋|对吧|对不对"
)
NOTICE = re.compile(
    r"@所有人|开团|包邮|秒杀|截单|优惠|上新|团购|抢购|接龙|统一发|特价|家人们|各位|报名|限量|限购|到货啦|预售|现货|收到了|很[软好舒厚薄满]|不错|起球|掉色|缩水|不发货|活动价"
)
CHANGE = re.compile(
    r"改成|改为|改到|改一下|换成|换到|不要了|不想要|取消|退了|不买了|撤单|撤了|再加|加多|错了|写错|弄错|发错"
)
WITHDRAWN = re.compile(r"取消|不要了|不要啦|退出|退了|撤了|不买了|不接了|算了")
# A wish that hangs on something is for a person to weigh.
CONDITION = re.compile(r"如果|要是|的话|没有就|有货就|有的话|补货|或者|还是|二选一|都行|随便")
ORDERING = re.compile(r"要|订|买|下单|来|拿|留|接|寄|发")
QUOTED = re.compile(r"^\s*「[^」]*」[ ]*\n?[ ]*(?:[-—_ ]{5,}[ ]*\n?)?|^>[^\n]*\n", re.MULTILINE)
MENTION = re.compile(r"@[^\s,,::;;@]{1,20}")


def numeral(text: str) -> int | None:
    """Return the number that digits or Chinese numerals write; None when they write none."""
    if text.isascii() and text.isdigit():
        return int(text)
    total, digit = 0, None
    for character in text:
        if character in _TENS:
            total += (1 if digit is None else digit) * _TENS[character]
            digit = None
        elif character in _DIGITS:
            digit = _DIGITS[character]
        else:
            return None
    return total + (digit or 0) if text else None


def meaningful(text: str) -> str:
    """Return what remains of a text without greetings, ordering words and punctuation."""
    return SILENT.sub("", NOISE.sub(" ", text))
