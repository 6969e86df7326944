"""Following: runs are carried through their stages, watched, resumed, left and abolished."""
