"""Names and telephone numbers in pasted lines."""

from __future__ import annotations

import pytest

from yinuo.addresses.model import resolve
from yinuo.addresses.model.phones import find_phones


@pytest.mark.parametrize(
    ("text", "number", "extension"),
    [
        ("张三 13800000000 浙江", "13800000000", None),
        ("138 0000 0000", "13800000000", None),
        ("138-0000-0000", "13800000000", None),
        ("13 800 000 000", "13800000000", None),
        ("1 3 8 0 0 0 0 0 0 0 0", "13800000000", None),
        ("+86 13800000000", "13800000000", None),
        ("+86-138-0000-0000", "13800000000", None),
        ("8613800000000", "13800000000", None),
        ("(+86)13800000000", "13800000000", None),
        ("13800000000转8888", "13800000000", "8888"),
        ("13800000000-1234", "13800000000", "1234"),
        ("18400000000-1234浙江", "18400000000", "1234"),
        ("18400000000,分机号5678", "18400000000", "5678"),
        ("18400000000[1234]", "18400000000", "1234"),
        ("13800000000ext12", "13800000000", "12"),
        ("13800000000-1203室", "13800000000", None),
        ("13800000000 1203室", "13800000000", None),
        ("138****5678", "138****5678", None),
        ("138xxxx5678", "138****5678", None),
        ("1*********8", "1*********8", None),
        ("0571-88888888", "0571-88888888", None),
        ("(0571)88888888", "0571-88888888", None),
        ("021 5888 8888", "021-58888888", None),
        ("010-66668888-801", "010-66668888", "801"),
        ("400-820-8820", "400-820-8820", None),
        ("4008208820", "4008208820", None),
        ("+852 9123 4567", "+85291234567", None),
        ("电话:88888888", "88888888", None),
        ("138OOOO1234", "13800001234", None),
        ("3栋15 13812345678", "13812345678", None),
        ("0571-88888888,13800000000", "13800000000", None),
    ],
)
def test_numbers_are_read(text: str, number: str, extension: str | None):
    first = find_phones(text).first
    assert first is not None
    assert (first.number, first.extension) == (number, extension)


@pytest.mark.parametrize(
    "text",
    ["文一西路969号3幢801室", "订单号202211111234567", "133123456789", "1-1-1301", "邮编310000"],
)
def test_other_digits_are_no_numbers(text: str):
    assert find_phones(text).first is None


def test_other_numbers_are_kept():
    answer = resolve("张三 13800000000/13900000000 上海市静安区")
    assert (answer.phone, answer.more_phones) == ("13800000000", ("13900000000",))


ADDRESS = "浙江省杭州市西湖区文三路1号5幢301室"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"张三 13800000000 {ADDRESS}", "张三"),
        (f"张三,13800000000,{ADDRESS},310012", "张三"),
        (f"{ADDRESS} 张三 13800000000", "张三"),
        (f"{ADDRESS}王小明13800000000", "王小明"),
        (f"王小明13800000000{ADDRESS}", "王小明"),
        (f"王小明{ADDRESS}13800000000", "王小明"),
        (f"13800000000王小明{ADDRESS}", "王小明"),
        (f"收货人:李四 电话:13800000000 地址:{ADDRESS}", "李四"),
        (f"姓名：李四\n电话：13800000000\n地址：{ADDRESS}", "李四"),
        (f"收件人李四，{ADDRESS}，13800000000", "李四"),
        (f"欧阳修 {ADDRESS} 13800000000", "欧阳修"),
        (f"张** 138****5678 {ADDRESS}", "张**"),
        (f"张先生 13800000000 {ADDRESS}", "张先生"),
        (f"{ADDRESS} 果果妈妈 13800000000", "果果妈妈"),
        (f"{ADDRESS} 刘工收 13800000000", "刘工"),
        (f"{ADDRESS} 徐志明 收 13800000000", "徐志明"),
        (f"{ADDRESS} 周 13800000000", "周"),
        (f"小李 13800000000 {ADDRESS}", "小李"),
        (f"阿依古丽·买买提 13800000000 {ADDRESS}", "阿依古丽·买买提"),
        (f"John Smith 13800000000 {ADDRESS}", "John Smith"),
        (f"高平 13800000000 {ADDRESS}", "高平"),
        (f"收货人:张海南 手机:13800000000 地址:{ADDRESS}", "张海南"),
        (f"王女士[5678] 18400000000-5678 {ADDRESS}[5678]", "王女士"),
        ('{"name":"赵六","phone":"13800000000","detail":"' + ADDRESS + '"}', "赵六"),
        (f"📮{ADDRESS}📱13800000000👤王五", "王五"),
        (f"张伟 {ADDRESS}", "张伟"),
    ],
)
def test_names_are_found(text: str, name: str):
    answer = resolve(text)
    assert answer.name == name
    assert answer.district_code == "330106"
    assert answer.rest == "文三路1号5幢301室"


@pytest.mark.parametrize(
    "text",
    [
        ADDRESS,
        "浙江省 杭州市 西湖区 高新 文三路",
        "浙江省杭州市西湖区 海创园 3号楼",
        "浙江省杭州市西湖区文三路1号 阿里巴巴",
        "上海市 浦东新区 金桥",
    ],
)
def test_pieces_of_an_address_are_no_names(text: str):
    assert resolve(text).name is None


def test_a_list_number_that_stands_alone_is_no_name_and_no_error() -> None:
    answer = resolve("1. \n\n河南省郑州市金水区花园路39号2号楼1602")
    assert (answer.name, answer.district and answer.district.name) == (None, "金水区")
