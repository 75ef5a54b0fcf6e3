"""Below the application: connections, workers, memory, and what the server itself answers and logs."""
