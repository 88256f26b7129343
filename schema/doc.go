// Package schema reads tracking plans: YAML files in, a [Plan] or [Diagnostics]
// out.
//
// A file passes four gates, and each finds what the next may rely on:
//
//	text.go    the text: UTF-8, limits, what no plan may hold
//	syntax.go  YAML, as nodes with positions; nothing else knows the YAML package.
//	           piece.go has all cores do it for a large file
//	shape.go   keys, kinds and closed lists of words, by the JSON Schema that
//	           editors use as well; instance.go is what it sees of a node
//	compile.go references, types, values and names; one file for each section
//
// All findings of the plan are reported at once. Mistakes in text or YAML end
// the search; later, the key or the item whose shape is wrong is set aside
// (aside.go) and all the rest is looked at. Nothing is concluded from what was
// reported or set aside, so that no finding follows from another.
//
// What is bad style but no mistake is for [Lint], which looks at the finished
// Plan. Identifiers of Go, and whether they collide, are for the generator.
package schema
