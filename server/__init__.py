"""The running service: settings, the app, tokens, the command line. Thin; imported by nobody."""
