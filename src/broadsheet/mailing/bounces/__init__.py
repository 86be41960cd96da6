"""What comes back: bounces, complaints, answers. `reading` tells what a mail is, `taking` acts on it."""
