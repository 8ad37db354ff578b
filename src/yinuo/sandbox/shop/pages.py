"""The shop's pages as HTML, readable without the script."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import msgspec

from yinuo.core.money import Fen, fen_to_yuan
from yinuo.sandbox.shop.art import picture
from yinuo.sandbox.shop.model import Catalog, Product, needs_of, units_of

PAGE_SIZE = 24
DEFAULTS = {
    "name": ("收货人", "陈小诺"),
    "phone": ("手机", "13800000001"),
    "province": ("省", "浙江省"),
    "city": ("市", "杭州市"),
    "district": ("区", "西湖区"),
    "detail": ("地址", "文三路示例小区 1 幢 101 室"),
}
HOME_ICON = (
    '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.7" aria-hidden="true">'
    '<path d="M4 10l8-6 8 6v9a1 1 0 0 1-1 1h-4v-6H9v6H5a1 1 0 0 1-1-1z"/></svg>'
)


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds every page: the shop's name and where the browser finds the hub."""

    shop: str
    hub: str


def whole(frame: Frame, *, title: str, main: str, note: str = "") -> str:
    """Return a whole page around its main part."""
    shop = html.escape(frame.shop)
    return f"""<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1,viewport-fit=cover">
<meta name="robots" content="noindex"><meta name="theme-color" content="#f6f6f3">
<title>{html.escape(title)} · {shop}</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Crect width='8' height='8' rx='2' fill='%23b8382b'/%3E%3C/svg%3E">
<link rel="stylesheet" href="/shop/static/shop.css"></head>
<body data-hub="{html.escape(frame.hub)}">
<header class="top"><div><a class="seal" href="/shop/" aria-label="首页">诺</a><b>{shop}</b>
<small>{html.escape(note)}</small></div></header>
<main>{main}</main>
<script src="/shop/static/shop.js" defer></script></body></html>"""


def price(fen: int, *, original: int = 0) -> str:
    """Return a price, with the former one struck out where it was higher."""
    struck = f"<s>¥{yuan(original)}</s>" if original > fen else ""
    return f'<span class="price"><i>¥</i>{yuan(fen)}{struck}</span>'


def yuan(fen: int) -> str:
    """Return yuan text with two decimals."""
    return fen_to_yuan(Fen(fen))


def stock(product: Product, units: int | None) -> str:
    """Return the place where live stock is shown; the script fills and refreshes it."""
    level, text = "", "库存加载中"
    if units is not None:
        level = "plenty" if units > 10 else "few" if units else "none"
        text = {"plenty": f"现货 {units} 件", "few": f"仅剩 {units} 件", "none": "暂时缺货"}[level]
    shown = f' data-level="{level}" data-units="{units}"' if level else ""
    needs = html.escape(msgspec.json.encode(needs_of(product)).decode())
    sku = html.escape(product.sku)
    return f'<span class="stock" data-sku="{sku}" data-needs="{needs}"{shown}>{text}</span>'


def art(product: Product) -> str:
    """Return the product's picture."""
    return picture(code=product.listing, name=product.name, category=product.category)


def listing_page(
    frame: Frame, catalog: Catalog, *, category: str, page: int, figures: Mapping[str, int]
) -> str:
    """Return the list of products of a category (all when empty), a page at a time."""
    chosen = [one for one in catalog.products if category in {"", one.category}]
    shown = chosen[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    categories = list(dict.fromkeys(one.category for one in catalog.products))
    chips = "".join(
        f'<a href="/shop/{"?" + urlencode({"category": one}) if one else ""}"'
        f"{' aria-current=page' if one == category else ''}>{html.escape(one or '全部')}</a>"
        for one in ["", *categories]
    )
    more = ""
    if len(chosen) > page * PAGE_SIZE:
        query = urlencode({"category": category, "page": page + 1})
        more = f'<a class="more" href="/shop/?{html.escape(query)}">下一页</a>'
    cards = "".join(_card(one, units_of(one, figures)) for one in shown)
    empty = '<p class="empty">还没有商品，稍后再来看看</p>'
    body = f'<div class="grid">{cards}</div>{more}' if shown else empty
    nav = f'<nav class="chips" aria-label="分类">{chips}</nav>' if categories else ""
    return whole(frame, title="全部商品", main=nav + body, note=f"{len(chosen)} 款好物")


def _card(product: Product, units: int | None) -> str:
    return (
        f'<a class="card" href="/shop/p/{quote(product.listing)}">{art(product)}<div>'
        f"<h2>{html.escape(product.name)}</h2>"
        f"<footer>{price(product.price_fen)}{stock(product, units)}</footer></div></a>"
    )


def product_page(frame: Frame, product: Product, catalog: Catalog, *, units: int | None) -> str:
    """Return the page of one product, with the order form and the payment sheet."""
    name, sku = html.escape(product.name), html.escape(product.sku)
    tag = f'<span class="tag">{html.escape(product.tag)}</span>' if product.tag else ""
    gifts = "".join(
        f'<div class="gift"><b>赠</b><span>{html.escape(gift.name)} × {gift.quantity}</span></div>'
        for gift in product.gifts
    )
    free = yuan(catalog.free_over_fen).removesuffix(".00")
    points = product.points or [f"满 ¥{free} 包邮", "付款即锁定库存，不超卖", "7 天无理由退换"]
    listed = "".join(f"<li>{html.escape(point)}</li>" for point in points)
    about = product.description or "精选面料，耐洗耐用。付款后从最近的仓库发出。"
    is_out = units == 0
    main = f"""<div class="product"><div class="art">{art(product)}{tag}</div><div class="buy">
<section class="panel">{price(product.price_fen, original=product.original_fen)}
<h1>{name}</h1><span class="live">实时库存 {stock(product, units)}</span>{gifts}</section>
<section class="panel"><ul class="points">{listed}</ul></section>
<section class="panel muted">{html.escape(about)}</section>
<div class="bar"><a class="home" href="/shop/">{HOME_ICON}店铺</a>
<button class="button" id="buy" type="button" data-for="{sku}"{" disabled" if is_out else ""}>
{"暂时缺货" if is_out else "立即下单"}</button></div></div></div>
{_order_sheet(product, catalog)}{pay_sheet("", number="", prepay_id="", left=stock(product, units))}"""
    return whole(frame, title=product.name, main=main, note="微信小程序商城")


def _order_sheet(product: Product, catalog: Catalog) -> str:
    fields = {key: _field(key, label, value) for key, (label, value) in DEFAULTS.items()}
    return f"""<dialog id="order-sheet" aria-labelledby="order-title">
<form class="sheet" id="order-form" data-listing="{html.escape(product.listing)}" data-price="{product.price_fen}"
 data-freight="{catalog.freight_fen}" data-free="{catalog.free_over_fen}">
<header>{art(product)}<div><h2 id="order-title">{html.escape(product.name)}</h2>
{price(product.price_fen)}</div>
<button class="close" type="button" data-close aria-label="关闭">×</button></header>
<div class="row"><label for="quantity">数量</label><span class="step">
<button type="button" data-step="-1" aria-label="减一件">−</button>
<input id="quantity" name="quantity" type="number" value="1" min="1" max="99" inputmode="numeric">
<button type="button" data-step="1" aria-label="加一件">+</button></span></div>
<fieldset>{fields["name"]}{fields["phone"]}
<div class="three">{fields["province"]}{fields["city"]}{fields["district"]}</div>
{fields["detail"]}<label><span>备注</span>
<input name="remark" maxlength="200" placeholder="选填，写给商家"></label></fieldset>
{_ways()}
<dl class="sum"><div><dt>运费</dt><dd id="freight">—</dd></div>
<div class="total"><dt>合计</dt><dd id="total">—</dd></div></dl>
<p class="problem" id="order-problem" role="alert" hidden></p>
<button class="button" id="submit-order">提交订单</button></form></dialog>"""


def _field(key: str, label: str, value: str) -> str:
    limits = 'maxlength="60"'
    if key == "phone":
        limits = 'inputmode="tel" pattern="1[0-9]{10}" maxlength="11"'
    return (
        f'<label><span>{label}</span><input name="{key}" value="{value}" required'
        f' aria-label="{label}" {limits}></label>'
    )


WAYS_TO_PAY = {"wechat_pay": "微信支付", "alipay": "支付宝"}


def _ways() -> str:
    choices = "".join(
        f'<label class="way {way}"><input type="radio" name="pays_with" value="{way}"'
        f"{' checked' if place == 0 else ''}>{label}</label>"
        for place, (way, label) in enumerate(WAYS_TO_PAY.items())
    )
    return f'<div class="ways" role="radiogroup" aria-label="支付方式">{choices}</div>'


def pay_sheet(
    amount: str, *, number: str, prepay_id: str, pays_with: str = "wechat_pay", left: str = ""
) -> str:
    """Return the sheet that stands for the payment on the buyer's phone."""
    order = f"/shop/api/orders/{quote(number)}" if number else ""
    page = f"/shop/o/{quote(number)}" if number else "/shop/"
    return f"""<dialog id="pay-sheet" aria-labelledby="pay-way"><div class="sheet pay" id="pay-ask">
<p><span id="pay-way">{WAYS_TO_PAY[pays_with]}</span><span class="muted">（沙箱，不会真的扣款）</span></p>
<p class="amount"><i>¥</i><span id="pay-amount">{amount}</span></p>
<p class="muted">订单 <span id="pay-number">{html.escape(number)}</span></p>
<p class="problem" id="pay-problem" role="alert" hidden></p>
<button class="button {pays_with}" id="pay-now" type="button"
 data-prepay="{html.escape(prepay_id)}" data-way="{pays_with}" data-order="{order}">立即支付</button>
<a class="muted" id="pay-later" href="{page}">暂不支付，查看订单</a></div>
<div class="sheet pay" id="pay-done" hidden><span class="tick" aria-hidden="true">✓</span>
<h2>支付成功</h2><p class="muted">正在为你锁定库存 {left}</p>
<a class="button" id="view-order" href="{page}">查看订单</a>
<button class="button plain" type="button" data-close>继续逛逛</button></div></dialog>"""
