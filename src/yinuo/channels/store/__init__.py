"""The SQL of channels: shops, the inbox, reading, figures of stock."""
