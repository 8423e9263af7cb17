"""民情码: a QR code in every stairwell, a ticket with a promise, nine kinds of office-holders who keep it."""
