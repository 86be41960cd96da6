"""The public face: editions and their feed. No tables."""
