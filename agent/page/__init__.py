"""The page from the inside: the script in it, frames, DevTools sessions, secrets in pictures."""
