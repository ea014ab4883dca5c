"""The JSON API of prefills: what the state already knows."""
