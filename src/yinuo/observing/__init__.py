"""What Yinuo would have done for orders of shops that it only observes.

Invariants: nothing here touches stock, and no outside system hears of it; a shadow claim counts
against other shadow claims only, never against what a shop may sell; an order is observed from
the moment it comes in and stays so until a person takes it over; a verdict on a paid order
stands, whatever the stock does later.
"""
