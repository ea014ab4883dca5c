"""The wording of messages: its versions, how they are checked, edited, approved and tried."""
