"""Electronic certificates (电子证照): taken in from their issuers, kept sealed, shown to their holders."""
