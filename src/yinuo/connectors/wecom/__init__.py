"""The intelligent bot of WeCom (企业微信智能机器人): group messages by an encrypted webhook.

Nothing is called outside: WeCom tells, the hub listens. A message may come more than once under the
same id; it is answered at once with an empty 200 and worked off afterwards.
"""
