"""The JSON API of credit ratings."""
