"""Notices 微发布: written, reviewed three times, published, read, and withdrawn."""
