"""Settings and migrations of a version that breaks, for tests of the way back."""
