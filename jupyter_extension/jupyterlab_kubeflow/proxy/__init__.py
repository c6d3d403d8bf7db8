"""The streaming proxy and the stream socket: allow-lists, headers, limits and forwarding, shared by both."""
