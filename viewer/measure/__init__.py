"""Lengths, angles, areas and values of a frame: arithmetic only, no windows and no files."""
