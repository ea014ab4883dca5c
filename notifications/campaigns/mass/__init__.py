"""Mass sends 群发: announcements that WeChat itself carries to many followers in one call."""
