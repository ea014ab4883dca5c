"""Tests of the whole house; see docs/architecture.md for what lives where."""
