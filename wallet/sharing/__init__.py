"""Giving, taking and withdrawing consent."""
