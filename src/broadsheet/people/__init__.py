"""Who works at the desk: editors, roles, one-time links, the audit log."""
