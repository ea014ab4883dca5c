"""The outside systems we call; nothing here knows the business."""
