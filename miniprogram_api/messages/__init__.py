"""Messages in the mini-program: consents to subscribe messages."""
