"""Quotas: what each channel may send a day and a second, what of it is used, and what stands still."""
