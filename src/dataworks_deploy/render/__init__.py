"""Values to words and files: one pure renderer per surface, and the only room with sentences for people."""
