"""The verbs of channels; the parts stand in the files beside this one.

shops     save and load shops with their rules of sharing
sharing   what a shop may be told of a SKU now
shelf     the same for pages that watch
inbox     receive messages, take them, finish or fail them, forget their bodies
reading   claim a shop's next window, go on in it, finish it; nonces
stock     want, push and acknowledge figures of stock; how far shops are behind
"""

from yinuo.channels.service.inbox import (
    forget_bodies,
    inbox_counts,
    load_message,
    mark_done,
    mark_each_done,
    mark_failed,
    park,
    pending,
    receive,
    receive_done,
    retry_message,
    settled,
    unfinished,
)
from yinuo.channels.service.reading import (
    claim_window,
    finish_window,
    forget_nonces,
    give_up_window,
    read_until,
    save_page,
    use_nonce,
)
from yinuo.channels.service.sharing import sellable, shown_to, with_bundles
from yinuo.channels.service.shelf import Shelf
from yinuo.channels.service.shops import (
    add_shop,
    change_shop,
    list_records,
    list_shops,
    load_active_shop,
    load_record,
    load_shop,
    save_shop,
    set_observing,
)
from yinuo.channels.service.stock import (
    acknowledge,
    due_pushes,
    forget_waits,
    load_stock,
    lock_figures,
    stock_lags,
    want_stock,
)

__all__ = [
    "Shelf",
    "acknowledge",
    "add_shop",
    "change_shop",
    "claim_window",
    "due_pushes",
    "finish_window",
    "forget_bodies",
    "forget_nonces",
    "forget_waits",
    "give_up_window",
    "inbox_counts",
    "list_records",
    "list_shops",
    "load_active_shop",
    "load_message",
    "load_record",
    "load_shop",
    "load_stock",
    "lock_figures",
    "mark_done",
    "mark_each_done",
    "mark_failed",
    "park",
    "pending",
    "read_until",
    "receive",
    "receive_done",
    "retry_message",
    "save_page",
    "save_shop",
    "sellable",
    "set_observing",
    "settled",
    "shown_to",
    "stock_lags",
    "unfinished",
    "use_nonce",
    "want_stock",
    "with_bundles",
]
