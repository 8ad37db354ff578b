"""Chinese and English words, one TOML file a module."""
