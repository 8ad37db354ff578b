"""Yinuo (一诺), a self-hosted order hub.

It stands between where a merchant's orders come from and where they are carried out, and keeps
the promises made to buyers. ARCHITECTURE.md shows the house in one page.
"""
