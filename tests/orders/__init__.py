"""Tests of the orders of the hub."""
