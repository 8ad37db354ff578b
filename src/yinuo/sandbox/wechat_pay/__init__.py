"""The stand-in for WeChat Pay API v3, in public-key mode.

It takes JSAPI payments and refunds that the merchant signed, answers and calls back signed with
its own key, repeats notifications on the vendor's schedule, and has one thing the vendor has not:
an endpoint that stands for the buyer's phone.
"""
