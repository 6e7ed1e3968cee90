"""The windows of Rayfolio."""
