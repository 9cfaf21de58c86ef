"""What was shown in a browser or a mail program: pages, chats, messages."""
