"""Cases: one's own, those one knows the query code of, and following them."""
