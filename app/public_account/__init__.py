"""The public account's face: WeChat's callbacks."""
