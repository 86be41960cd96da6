"""Keeping a desk for years: backup and restore, upgrade, health, and what a successor must know."""
