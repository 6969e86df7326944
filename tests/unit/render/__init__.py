"""Values as words: what people and later steps read of a step."""
