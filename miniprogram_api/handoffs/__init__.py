"""Hand-over of a person to another channel."""
