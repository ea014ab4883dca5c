"""The inbox 站内消息: everything a person was told, whether or not a message reached their phone."""
