"""Numbers, errors and curves as words and lines: for people, terminals and chats."""
