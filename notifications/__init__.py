"""What we tell people, and that it arrives."""
