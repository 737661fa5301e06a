"""What a stranger may send: addresses, headers, forms, texts; and what must not come of it."""
