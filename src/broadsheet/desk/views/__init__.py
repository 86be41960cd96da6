"""The pages of the desk: each view is request, call, page."""
