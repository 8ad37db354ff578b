"""The console in a real Chromium, against the running product."""
