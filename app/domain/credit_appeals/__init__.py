"""Applications for review (复核) and repair (修复) of a credit rating; each is a case."""
