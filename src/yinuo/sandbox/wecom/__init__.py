"""The stand-in for WeCom's intelligent bot: people in groups speak, the bot's webhook is told."""
