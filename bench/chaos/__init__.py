"""Faults made on purpose, one a file: what broke, and whether the service held."""
