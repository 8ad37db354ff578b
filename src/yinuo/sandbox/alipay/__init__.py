"""The stand-in for Alipay's open platform, in public-key mode (RSA2).

It takes payments and refunds that the app signed, answers signed, calls back with forms, repeats
them on the vendor's schedule until it hears `success`, makes daily bills, and has one thing the
vendor has not: an endpoint that stands for the buyer's phone.
"""
