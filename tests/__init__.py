"""Tests of the product; they mirror src/yinuo."""
