"""What operators and editors start from the command line."""
