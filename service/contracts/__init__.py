"""What each endpoint promises, of which openapi.yaml and its page are made."""
