"""Work that is due, as rows with a lease: the database is the queue."""
