"""Pinduoduo's open platform for one shop: orders of buyers in groups, receivers as ciphertext.

One address for all methods, signed parameters, errors with HTTP 200. It sells what the merchant's
own shop sells, under the merchant's SKU codes. Each change of an order has a second of its own,
since hubs tell versions by it. A fault of kind `error` takes one of the vendor's codes.
"""
