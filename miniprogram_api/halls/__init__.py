"""The JSON API of halls and what they are open for."""
