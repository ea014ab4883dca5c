"""What can be handled, and how: guides and their full-text search."""
