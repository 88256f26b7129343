// Package examples holds the tracking plan that the documentation explains and
// the quickstart runs.
package examples

import _ "embed" // for Plan

// Plan is tracking-plan.yaml.
//
//go:embed tracking-plan.yaml
var Plan []byte
