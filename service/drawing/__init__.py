"""A chart → a picture, by matplotlib. Nothing else imports matplotlib, and this only once a picture is asked for."""
