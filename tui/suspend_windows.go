package tui

// suspendable tells whether a program can be sent to the background from its terminal.
const suspendable = false
