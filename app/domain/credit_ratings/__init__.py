"""Tax credit ratings 纳税缴费信用: what level an enterprise has and what it brings (A06)."""
