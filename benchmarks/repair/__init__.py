"""Does the advice work? Faulty runs are trained again with their first fix applied."""
