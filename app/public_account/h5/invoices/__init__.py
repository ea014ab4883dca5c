"""Invoices: checking, the folder, batches."""

from app.public_account.h5.invoices import batches, check, folder

ROUTES = (
    check.routes,
    folder.routes,
    batches.routes,
)
