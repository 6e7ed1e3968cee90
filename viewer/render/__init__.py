"""From stored values to what a screen shows. Numpy only."""
