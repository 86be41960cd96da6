"""Who gets the newsletter, what they agreed to, and what was sent to whom."""
