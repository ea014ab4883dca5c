"""Invoices: checks, the queue for the next morning, the folder, batches."""
