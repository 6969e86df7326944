"""Values in words for people: every sentence is written here."""
