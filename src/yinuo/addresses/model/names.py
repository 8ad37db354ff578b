"""What is left of a name without its suffix."""

from __future__ import annotations

import re

_SUFFIX = re.compile(
    r"(?:街道办事处|街道|地区办事处|地区|办事处|民族镇|民族乡|镇|乡|苏木|管理区|开发区|农场|林场|牧场)$"
)
_PEOPLES = re.compile(
    r"(?:蒙古族|蒙古|回族|藏族|维吾尔族|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族|哈萨克"
    r"|傣族|黎族|傈僳族|佤族|畲族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜族|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族"
    r"|毛南族|仡佬族|锡伯族|阿昌族|普米族|塔吉克族|怒族|鄂温克族|鄂温克|德昂族|保安族|裕固族|独龙族|鄂伦春族|鄂伦春)+$"
)


def town_stem(name: str) -> str:
    """Return a town's name without suffix and peoples."""
    cut = _SUFFIX.sub("", name)
    if len(cut) > 3:
        cut = _PEOPLES.sub("", cut) or cut
    return cut if len(cut) > 1 else name
