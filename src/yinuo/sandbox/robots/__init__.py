"""Group robots of WeCom, DingTalk and Feishu: they check as the vendors do and keep what is said.

The state of each lists what its group would have seen, newest first. Limits and clocks are the
real ones. All answers are HTTP 200; a fault of kind `error` takes one of the vendor's own codes.
Keys and secrets are made up.
"""
