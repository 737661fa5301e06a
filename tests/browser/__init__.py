"""Tests in a real browser: Chromium, headless, on this machine's own pages alone."""
