"""Every SQL statement of inventory, and every lock: levels by SKU and warehouse, then claims by id."""
