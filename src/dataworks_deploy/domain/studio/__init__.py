"""The objects of Data Studio: what people ask for, what readings show, which objects are selected, and their order."""
