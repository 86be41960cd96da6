"""Newsletters, issues in the making, and editions as they went out."""
