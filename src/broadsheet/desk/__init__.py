"""The editors' face: request, call, page. No tables."""
