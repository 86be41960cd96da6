"""What was collected: sources, feeds, stories, articles, and what the editors decided of them."""
