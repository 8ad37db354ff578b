"""Amap's Web service (高德地图), asked where an address lies.

Source: Amap's Web service documentation, geocoding version 3. By the vendor's design the key and
the address stand in the URL, which reaches no log, no metric and no error of ours.
"""
