"""What is done to a real site on purpose; `make chaos` tells docs/reliability.md what it cost."""
