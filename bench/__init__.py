"""Benchmarks: each prints one JSON object on standard output, with the machine and the command; progress goes to standard error."""
