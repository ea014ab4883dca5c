"""The JSON API of administrative regions."""
