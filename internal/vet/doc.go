// Package vet finds misuse of generated code, by types and not by text: an event that
// is built and never captured, one that is sent by its name as a string, arguments that
// are likely swapped, and the like. Each check is an analyzer of
// golang.org/x/tools/go/analysis, named after its code.
//
// No check reads a plan. What is in it is learnt from the generated packages, whose
// syntax the analyzer known turns into facts; the facts go with the packages that import
// them. What only a whole program can tell, such as an event that nobody captures, is
// told by [Run], which has the go command run the checks and keep the results in its
// build cache.
//
// A finding is a promise: what cannot be proved from one function and the facts of the
// others is not reported.
package vet
