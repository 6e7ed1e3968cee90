"""What a person has: their studies, the people they know, and what is still under way."""
