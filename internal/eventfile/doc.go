// Package eventfile reads captured events from files that others wrote: one JSON object
// a line, bodies of batches, arrays, in any order and compressed by gzip or not. It holds
// one event at a time, however long the file or a line of it is, and goes on behind what
// it cannot read.
package eventfile
