package runtime

import (
	"github.com/phgen/phgen/runtime/internal/poll"
)

// A DefinitionCache shares the definitions of flags among processes, so that one of them
// fetches for all. FileDefinitionCache is one for the processes of a machine, package phredis has
// one for a fleet. A client calls it from one goroutine at a time, with a context that ends, and goes on with the
// definitions it has when an error comes back.
type DefinitionCache = poll.Cache

// FileDefinitionCache keeps definitions in a file, which all processes that have its folder may share: one
// of them fetches, and the others read. It holds no key. The file is replaced whole, so that nobody
// reads half of it.
func FileDefinitionCache(path string) DefinitionCache { return poll.NewFileCache(path) }
