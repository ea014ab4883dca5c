"""Everything one may set; imports nothing of ours."""
