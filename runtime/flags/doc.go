// Package flags evaluates PostHog feature flags from the document that PostHog
// serves for local evaluation. It opens no socket, reads no clock and starts no
// goroutine: definitions and a query in, a value out.
//
//	defs, err := flags.Parse(document)
//	…
//	r := defs.Evaluate("new-checkout", &flags.Query{
//		DistinctID: "user-7",
//		Person:     map[string]any{"plan": "pro"},
//		Now:        time.Now(),
//	})
//	if r.Decided() && r.Value.On() { … }
//
// A value is what PostHog's server would answer, or none at all. The server knows
// everything about a person, this package only what the query holds. So a flag is
// evaluated to the set of the values that it could have, and is decided if there is
// only one. If two ways to complete the query would lead to different values it is
// undecided, and [Result.Need] tells what is missing: ask the server then.
//
// [Parse] compiles everything once. Evaluation allocates nothing, and any number of
// goroutines may evaluate the same definitions.
package flags
