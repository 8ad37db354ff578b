"""An order as Douyin lists it; the person and the ciphertext are made up."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

ORDER: dict[str, Any] = {
    "order_id": "6920012345678901234",
    "shop_id": 12345,
    "shop_name": "一诺家居抖音店",
    "doudian_open_id": "1@#open==",
    "order_status": 2,
    "create_time": 1795312500,
    "pay_time": 1795312800,
    "update_time": 1795312802,
    "finish_time": 0,
    "ship_time": 0,
    "exp_ship_time": 1795485600,
    "promise_info": '{"exp_ship_time":1795485601}',
    "order_amount": 52580,
    "pay_amount": 48980,
    "post_amount": 600,
    "promotion_amount": 3600,
    "promotion_shop_amount": 1600,
    "promotion_platform_amount": 2000,
    "packing_amount": 0,
    "tax_amount": 0,
    "modify_amount": 0,
    "pay_type": 1,
    "channel_payment_no": "4200002026112200000001",
    "buyer_words": "请包装好",
    "seller_words": "老客户",
    "seller_remark_stars": 5,
    "post_receiver": "",
    "post_tel": "",
    "encrypt_post_receiver": "##name==##",
    "encrypt_post_tel": "$$phone==$1$",
    "mask_post_receiver": "李*",
    "mask_post_tel": "184****0000",
    "post_addr": {
        "province": {"name": "江苏省", "id": "32"},
        "city": {"name": "苏州市", "id": "320500"},
        "town": {"name": "吴中区", "id": "320506"},
        "street": {"name": "长桥街道", "id": "320506004"},
        "detail": "",
        "encrypt_detail": "##detail==##",
    },
    "mask_post_addr": {
        "province": {"name": "江苏省", "id": "32"},
        "city": {"name": "苏州市", "id": "320500"},
        "town": {"name": "吴中区", "id": "320506"},
        "street": {"name": "长桥街道", "id": "320506004"},
        "detail": "示例路***",
    },
    "logistics_info": [],
    "sku_order_list": [
        {
            "order_id": "6920012345678901235",
            "parent_order_id": "6920012345678901234",
            "order_status": 2,
            "product_id": 3500000000000000001,
            "product_id_str": "3500000000000000001",
            "product_name": "情人节礼盒",
            "sku_id": 1700000000000001,
            "out_sku_id": "LOVE-2026",
            "code": "LOVE-2026-B",
            "spec": [{"name": "颜色", "value": "红色"}, {"name": "尺寸", "value": "大号"}],
            "item_num": 2,
            "origin_amount": 25990,
            "sum_amount": 51980,
            "pay_amount": 48980,
            "given_product_type": "MASTER",
            "after_sale_info": {"after_sale_status": 0, "after_sale_type": 0, "refund_status": 0},
            "exp_ship_time": 1795485600,
        },
        {
            "order_id": 6920012345678901236,
            "product_name": "贺卡",
            "sku_id": 1700000000000002,
            "out_sku_id": "",
            "code": "CARD",
            "item_num": 2,
            "origin_amount": 350,
            "sum_amount": 700,
            "given_product_type": "FREE",
            "master_sku_order_id_list": ["6920012345678901235"],
        },
    ],
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
