"""The web chat: a page that works without a script, the JSON behind it, and the button for other sites."""
