"""Each process on real sandboxes: run twice, out of order, and crashed in the middle."""
