"""The business of a service hall, one folder per area; it knows neither the web nor WeChat."""
