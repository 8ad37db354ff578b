"""Pinduoduo's open platform for one shop: orders of buyers in groups, receivers as ciphertext.

One address for all methods, signed parameters, errors with HTTP 200. It sells what the merchant's
own shop sells, under the merchant's SKU codes. Only a change that is a second old or more shares
its second with no other of the same order. A fault of kind `error` takes one of the vendor's codes.
"""
