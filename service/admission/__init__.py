"""Who is answered, how many at once, and which other sites' pages may ask."""
