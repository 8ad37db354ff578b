"""Group robots of WeCom (企业微信), DingTalk (钉钉) and Feishu (飞书): the hub says, groups hear.

Source: the vendors' pages on custom robots. A robot's URL is its key: whoever has it may write
into the group, so it is a secret like any other. All three answer HTTP 200 to errors.
"""
