"""From a request, or a command's files, to the question that is asked."""
