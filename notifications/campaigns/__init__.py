"""Campaigns 群发任务: one message to many people, tried out, approved, and sent so that it can be stopped."""
