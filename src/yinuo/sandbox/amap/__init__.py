"""Amap's Web service: finds an address among real divisions, at made-up points on the map.

Answers as the vendor does: all values are text, empty ones are `[]`, failures are HTTP 200 with an
infocode. A fault of kind `error` takes an infocode, or `wrong_hit` (sure of another place) or
`coarse` (no more exact than the district).
"""
