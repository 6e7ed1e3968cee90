"""The command line: the same as the windows, without a screen."""
