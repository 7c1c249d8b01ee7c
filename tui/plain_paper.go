package tui

// What the paper and the receipt say in the linear mode.
