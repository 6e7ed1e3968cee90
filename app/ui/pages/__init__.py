"""The places that the rail leads to, and the sheets above them."""
