"""Messages in the mini-program: the inbox, wishes, and consents to subscribe messages."""
