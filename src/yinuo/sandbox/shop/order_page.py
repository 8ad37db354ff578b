"""The buyer's page of one order: where it stands, what was shipped, what may still be done."""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from yinuo.core.clock import SHANGHAI
from yinuo.sandbox.shop.art import picture
from yinuo.sandbox.shop.desk import HubView
from yinuo.sandbox.shop.model import Line, ShopOrder
from yinuo.sandbox.shop.pages import WAYS_TO_PAY, Frame, pay_sheet, price, whole, yuan

CARRIERS = {
    "SF": "顺丰速运",
    "YTO": "圆通速递",
    "ZTO": "中通快递",
    "STO": "申通快递",
    "JD": "京东物流",
}
# How far an order is for each word of the hub; "held" is the merchant's business, not the buyer's.
REACHED = {"reserved": 2, "sending": 3, "in_warehouse": 3, "shipped": 4}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an order stands in the buyer's words."""

    title: str
    note: str
    step: int
    is_final: bool


def standing(order: ShopOrder, view: HubView | None) -> Standing:
    """Return where the order stands, from the shop's own knowledge and the hub's view of it."""
    if order.status == "cancelled":
        note = "款项将原路退回" if order.refunds else "未付款，无需退款"
        return Standing("订单已取消", note, 0, is_final=True)
    if order.parcels:
        return Standing("已发货", "包裹正在路上", 4, is_final=True)
    if not order.is_paid:
        return Standing("等待付款", "付款后为你锁定库存", 0, is_final=False)
    step = max(1, REACHED.get(view.status if view else "", 1))
    title, note = {
        1: ("支付成功", "正在为你锁定库存"),
        2: ("库存已锁定", "正在安排最近的仓库"),
        3: ("仓库备货中", "打包好就发出"),
        4: ("已发货", "包裹正在路上"),
    }[step]
    return Standing(title, note, step, is_final=False)


def order_page(
    frame: Frame, order: ShopOrder, view: HubView | None, *, problem: str | None = None
) -> str:
    """Return the page; the receiver is masked, since whoever has the link can open it."""
    stand = standing(order, view)
    lines = "".join(_line(line) for line in order.lines)
    refunded = sum(one.amount_fen for one in order.refunds)
    back = f"<div><dt>已退款</dt><dd>−¥{yuan(refunded)}</dd></div>" if refunded else ""
    freight = f"¥{yuan(order.freight_fen)}" if order.freight_fen else "免运费"
    trouble = f'<p class="problem" role="alert">{html.escape(problem)}</p>' if problem else ""
    main = f"""<div class="order narrow" id="order" data-final="{str(stand.is_final).lower()}">
<div id="order-body" data-status="{stand.step}"><section class="panel">{trouble}
<h1 id="order-status">{stand.title}</h1><p class="muted">{stand.note}</p>{_actions(order)}</section>
<section class="panel">{_steps(order, stand)}</section>
<section class="panel">{lines}<dl class="sum">
<div><dt>商品</dt><dd>¥{yuan(order.items_fen)}</dd></div><div><dt>运费</dt><dd>{freight}</dd></div>
{back}<div class="total"><dt>{"实付" if order.is_paid else "应付"}</dt><dd>{price(order.total_fen)}</dd></div></dl></section>
<section class="panel muted">{_facts(order)}</section></div>
<p class="actions"><a class="button plain" href="/shop/">继续逛逛</a></p></div>
{_sheet(order)}"""
    return whole(frame, title="我的订单", main=main, note=f"尾号 {order.number[-4:]}")


def _sheet(order: ShopOrder) -> str:
    if order.is_paid or order.status == "cancelled" or order.prepay_id is None:
        return ""
    return pay_sheet(
        yuan(order.total_fen),
        number=order.number,
        prepay_id=order.prepay_id,
        pays_with=order.pays_with,
    )


def _actions(order: ShopOrder) -> str:
    if order.status == "cancelled" or order.parcels:
        return ""
    base = f"/shop/o/{quote(order.number)}"
    cancel = (
        f'<form method="post" action="{base}/cancel" style="flex:1">'
        '<button class="button plain" id="cancel">取消订单</button></form>'
    )
    if order.is_paid:
        return f'<div class="actions">{cancel}</div>'
    pay = (
        f'<form method="post" action="{base}/pay" style="flex:2">'
        f'<button class="button {order.pays_with}" id="pay">'
        f"{WAYS_TO_PAY[order.pays_with]} ¥{yuan(order.total_fen)}</button></form>"
    )
    return f'<div class="actions">{pay}{cancel}</div>'


def _steps(order: ShopOrder, stand: Standing) -> str:
    if order.status == "cancelled":
        return f'<ol class="steps"><li class="done">已下单{_at(order.placed_at)}</li><li class="now">已取消</li></ol>'
    names = ["已下单", "支付成功", "库存已锁定", "仓库备货", "已发货"]
    notes = [_at(order.placed_at), "", "", "", "".join(_parcel(order, at) for at in range(9))]
    shown: list[str] = []
    for number, name in enumerate(names):
        kind = "now" if number == stand.step else "done" if number < stand.step else ""
        shown.append(f'<li class="{kind}">{name}{notes[number]}</li>')
    return f'<ol class="steps">{"".join(shown)}</ol>'


def _parcel(order: ShopOrder, number: int) -> str:
    if number >= len(order.parcels):
        return ""
    parcel = order.parcels[number]
    carrier = html.escape(CARRIERS.get(parcel.carrier, parcel.carrier))
    return f'<small class="parcel">{carrier} {html.escape(parcel.waybill)}</small>'


def _line(line: Line) -> str:
    drawing = picture(code=line.listing, name=line.name, category="")
    gift = '<b class="muted">赠品</b>' if line.is_gift else f"¥{yuan(line.amount_fen)}"
    return (
        f'<div class="line">{drawing}<div>{html.escape(line.name)}<br>'
        f"<small>× {line.quantity}</small></div>{gift}</div>"
    )


def _facts(order: ShopOrder) -> str:
    receiver = order.receiver
    name = html.escape(receiver.name[:1] + "*" * max(1, len(receiver.name) - 1))
    phone = f"{receiver.phone[:3]}****{receiver.phone[-4:]}"
    region = html.escape("".join((receiver.province, receiver.city, receiver.district)))
    return (
        f"<p>{name} {html.escape(phone)}</p><p>{region} ***</p>"
        f'<p>订单编号 <span id="order-number">{html.escape(order.number)}</span></p>'
    )


def _at(moment: datetime) -> str:
    return f"<small>{moment.astimezone(SHANGHAI):%m-%d %H:%M:%S}</small>"
