"""Dispatches of an edition, and the deliveries they are made of."""
