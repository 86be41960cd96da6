"""What the desk keeps for years: resources by sector, and the tiers of the TIP Report."""
