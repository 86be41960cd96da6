"""One module for each command: it parses, calls, reports. What it needs it imports when it runs."""
