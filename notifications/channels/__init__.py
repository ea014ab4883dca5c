"""Channels other than WeChat's."""
