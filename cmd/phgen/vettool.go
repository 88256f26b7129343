package main

import (
	"os"

	"github.com/phgen/phgen/internal/vet"
)

// vetTool answers "go vet -vettool=phgen", which knows nothing of commands, and returns if
// nobody asked that.
func vetTool() {
	if vet.IsToolCall(os.Args[1:]) {
		vet.Tool()
	}
}
