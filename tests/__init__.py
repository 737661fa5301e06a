"""Tests: test_<module>.py mirrors what it tests."""
