"""Measurements, each beside its reference in the same run: `make bench`."""
