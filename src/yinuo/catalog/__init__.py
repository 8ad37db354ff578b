"""What the merchant sells: SKUs, bundles, and the listings of shops that stand for them.

A SKU is the unit of stock; a bundle is a SKU made of other SKUs and holds no stock itself, so a
demand is exploded before stock is asked. Invariants: a bundle is one level deep and never part
of another; a part appears once in a bundle; a listing points at one SKU; codes never change
their meaning (a SKU is switched off, not deleted). Prices of a bundle's parts are no matter of
this module.
"""
