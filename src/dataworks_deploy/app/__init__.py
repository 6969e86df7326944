"""When and in what order: creates, follows and closes pipeline runs through narrow ports."""
