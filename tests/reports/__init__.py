"""Tests of the reports of the hub."""
