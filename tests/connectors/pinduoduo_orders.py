"""An order as Pinduoduo lists it; the person and the ciphertext are made up."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

ORDER: dict[str, Any] = {
    "order_sn": "261122-123456789012345",
    "order_status": 1,
    "confirm_status": 1,
    "group_status": 1,
    "refund_status": 1,
    "after_sales_status": 0,
    "risk_control_status": 0,
    "trade_type": 0,
    "is_lucky_flag": 1,
    "goods_amount": 519.8,
    "discount_amount": "30.00",
    "platform_discount": 20.0,
    "seller_discount": 10,
    "capital_free_discount": 0,
    "order_change_amount": 0.0,
    "postage": "6.00",
    "pay_amount": 515.8,
    "service_fee_detail": [{"service_name": "sf_express_fee", "service_fee": 20}],
    "created_time": "2026-11-22 09:58:00",
    "pay_time": "2026-11-22 09:58:31",
    "confirm_time": "2026-11-22 10:00:00",
    "updated_at": "2026-11-22 10:00:02",
    "last_ship_time": "2026-11-24 10:00:00",
    "receiver_name": "~AgAAAAM+name==~1~",
    "receiver_phone": "$phone==$aGVsbG8=$1$$",
    "receiver_address": "~AgAAAAM+address==~1~",
    "address": "~AgAAAAM+whole==~1~",
    "receiver_name_mask": "李*",
    "receiver_phone_mask": "138****0000",
    "receiver_address_mask": "世纪大道***",
    "address_mask": "上海市上海市浦东新区世纪大道***",
    "province": "上海市",
    "city": "上海市",
    "town": "浦东新区",
    "province_id": 10,
    "item_list": [
        {
            "goods_id": 100200300,
            "sku_id": 400500600,
            "outer_id": "LOVE-2026",
            "goods_name": "情人节礼盒",
            "goods_spec": "红色,大号",
            "goods_count": 2,
            "goods_price": 259.9,
        }
    ],
    "gift_list": [
        {
            "goods_id": 100200301,
            "sku_id": 400500601,
            "outer_id": "",
            "goods_name": "贺卡",
            "goods_count": "2",
            "goods_price": 3.5,
        }
    ],
    "buyer_memo": "请包装好",
    "remark": "老客户",
    "tracking_number": "",
    "logistics_id": 0,
}


def changed(path: str, value: object) -> dict[str, Any]:
    """Return the order with one field set, or without it for `...`."""
    order: Any = deepcopy(ORDER)
    part = order
    *steps, last = path.split(".")
    for step in steps:
        part = part[int(step)] if step.isdigit() else part[step]
    if value is ...:
        del part[last]
    else:
        part[int(last) if last.isdigit() else last] = value
    return order
