"""Department systems (对接系统) that push: who they are, what they may say, and what became of it."""
