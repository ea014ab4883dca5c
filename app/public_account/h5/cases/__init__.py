"""Cases: one's own, by query code, their papers; certificates and prefills."""

from app.public_account.h5.cases import certificates, files, lookup, own, papers, prefills, verify

ROUTES = (
    own.routes,
    lookup.routes,
    papers.routes,
    files.routes,
    certificates.routes,
    prefills.routes,
    verify.routes,
)
