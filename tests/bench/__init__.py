"""Benchmarks: each number beside its limit or its peer, measured in the same run on the same machine."""
