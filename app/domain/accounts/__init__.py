"""Citizens, enterprises and staff: who someone is and what they may do."""
