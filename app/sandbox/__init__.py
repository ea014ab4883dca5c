"""A pretend WeChat for local running: the API, as strict as the platform, with a phone to see it."""
