"""From text to series: what readers share, one question about a text a file."""
