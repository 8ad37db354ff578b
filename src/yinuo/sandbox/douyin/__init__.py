"""Douyin Shop's open platform for one shop: tokens that end, sealed receivers, pushes to the hub.

A path for each method, signed bodies, errors with HTTP 200. It sells what the merchant's own shop
sells, under the merchant's SKU codes; of its addresses a set share lacks levels or has them drifted.
A fault of kind `error` takes one of the platform's codes, on the operation `push` a kind of damage.
"""
