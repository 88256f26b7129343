//go:build race

package runtime

// patient is how many times longer the race detector makes everything; tests of a day
// or of millions of events then do less.
const patient = 20
