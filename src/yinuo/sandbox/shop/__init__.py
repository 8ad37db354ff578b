"""The merchant's own mini-program shop: product pages for buyers, a back end for the hub.

It sells what its catalogue file lists, takes money through the WeChat Pay stand-in with the
merchant's signature, tells the hub of each order (again and again until the hub takes it), and
answers the hub's signed questions. Its product codes are not the hub's SKU codes.
"""
