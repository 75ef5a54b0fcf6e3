"""What is said of one kind of thing that the features measured, where a rule has several of them or rules share one."""
