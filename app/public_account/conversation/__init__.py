"""What the account says: one file for each thing people come for."""
