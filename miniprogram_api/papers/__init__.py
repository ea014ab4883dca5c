"""Papers of one's cases: materials handed in, answers to corrections, documents."""
