"""Stories end to end, as people live them."""
