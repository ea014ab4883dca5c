"""The JSON API of certificates."""
