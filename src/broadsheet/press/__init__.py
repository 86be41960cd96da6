"""The press prints an Edition value as mail, text, web page, PDF and feed. No Django, no tables."""
