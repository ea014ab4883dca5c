"""The service hall itself: the business, its faces, its gateways and its tools."""
