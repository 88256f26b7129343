package flags

import "time"

// A Query says whom a flag is evaluated for. Evaluation reads its maps and keeps
// neither them nor the query.
type Query struct {
	// DistinctID is the person's. PostHog counts its first 200 characters. Without
	// one no flag that could look at a person is decided.
	DistinctID string

	// DeviceID buckets the flags that are bucketed by device.
	DeviceID string

	// Person holds properties of the person. A property that is not in it may still
	// exist on the server; one whose value is [Unset] does not. PostHog gives every
	// person the property distinct_id, so it need not be here.
	Person map[string]any

	// Groups holds the key of each group, by group type. A type that is not in it, or
	// has the key "", is a group that the query is not about: flags for groups of that
	// type are off.
	Groups map[string]string

	// GroupProperties holds properties of those groups, by group type, as Person does for
	// the person. $group_key need not be in it.
	GroupProperties map[string]map[string]any

	// Now is the instant that relative dates count from.
	Now time.Time
}

// Unset as the value of a property says that there is no such property, not on the
// server either. Operators like is_not_set can only be decided with it.
var Unset unset

type unset struct{}

// String returns "unset".
func (unset) String() string { return "unset" }
