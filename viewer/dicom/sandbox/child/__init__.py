"""What runs in the child alone, parsing and decoding; the application never imports it."""
