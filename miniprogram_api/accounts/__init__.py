"""The mini-program API about oneself: session, proofs, enterprises, consents, one's data."""
