"""Invoices 发票: what a code or a QR text says, and asking the tax authority whether it is true (A05)."""
