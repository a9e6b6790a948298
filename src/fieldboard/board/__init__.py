"""What the screen shows, computed from the cache, and the acts a dispatcher can do."""
