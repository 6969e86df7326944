"""Values as words: what people and later steps read about a step."""
