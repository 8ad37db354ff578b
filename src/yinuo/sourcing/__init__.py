"""Which warehouse fills an order, and why (分仓).

Pure decisions only: warehouses are ranked by what they serve and how near they lie; the stock
decision then takes the first that holds every line. Every candidate keeps its reason, chosen or
not. An order is filled from one warehouse; splitting is not decided here yet.
"""
