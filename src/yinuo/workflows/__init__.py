"""One file per business process, verb first, readable from top to bottom (流程).

A process holds no arithmetic and no SQL: it calls services and connectors in order, and beside
each call stands what is done when it fails. Transactions open inside steps; calls to outside
systems are never inside one.
"""
