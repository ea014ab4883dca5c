"""WeChat's API under WeChat's own paths, one file for each family of calls."""
