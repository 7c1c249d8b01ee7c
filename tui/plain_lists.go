package tui

// What the lists say in the linear mode, and which of their entries a number means.
