"""普查与对接: the systems of the departments, how far each is connected, and who owes which data."""
