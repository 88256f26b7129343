package flags

// A Result is the answer for one flag.
type Result struct {
	// Value is the flag's value. It is not known if the flag is undecided.
	Value Value

	// Reason says why the flag has this value, or why it has none.
	Reason Reason

	// Condition is the index of the release condition that decided, −1 if none did.
	Condition int

	// Need is what was missing first, if the flag is undecided. [Definitions.Explain]
	// tells all that was.
	Need Need
}

// Decided reports whether the flag has a value.
func (r Result) Decided() bool { return r.Value.Known() }

// A Reason says why a flag has its value, or why it has none.
type Reason uint8

// The reasons for a value, with the codes that PostHog's server gives them. Of several
// conditions that do not match, the last with the highest reason counts. This package
// does not use ReasonMissingDependency: a flag that is missing from the definitions may
// still exist on the server.
const (
	ReasonNone              Reason = iota
	ReasonMissingDependency        // the flag depends on one that does not exist
	ReasonDisabled                 // the flag is not active
	ReasonNoGroupType              // the best release condition was for a group that the query lacks
	ReasonNoConditionMatch         // no release condition matched
	ReasonOutOfRollout             // the best one left this user out of its rollout
	ReasonConditionMatch           // a release condition matched
	ReasonHoldout                  // the user is in the flag's holdout
	ReasonSuperCondition           // the person's enrollment in the feature decided
)

// The reasons for no value. If several apply, the first of them is given: more
// context helps only if it is ReasonMissingContext.
const (
	ReasonExperienceContinuity  Reason = iota + 32 // the server may remember another bucket
	ReasonUnsupportedDefinition                    // the definition is malformed or beyond this package
	ReasonUnresolvedDependency                     // a flag that it depends on is undecided, unknown or itself
	ReasonMissingContext                           // the query lacks a property or an ID, or has one that no answer is certain for
	ReasonUnknownFlag                              // there is no such flag in the definitions
)

// String returns the reason's code, such as "condition_match".
func (r Reason) String() string {
	switch r {
	case ReasonConditionMatch:
		return "condition_match"
	case ReasonNoConditionMatch:
		return "no_condition_match"
	case ReasonOutOfRollout:
		return "out_of_rollout_bound"
	case ReasonNoGroupType:
		return "no_group_type"
	case ReasonSuperCondition:
		return "super_condition_value"
	case ReasonHoldout:
		return "holdout_condition_value"
	case ReasonDisabled:
		return "flag_disabled"
	case ReasonMissingDependency:
		return "missing_dependency"
	case ReasonExperienceContinuity:
		return "experience_continuity"
	case ReasonUnsupportedDefinition:
		return "unsupported_definition"
	case ReasonUnresolvedDependency:
		return "unresolved_dependency"
	case ReasonMissingContext:
		return "missing_context"
	case ReasonUnknownFlag:
		return "unknown_flag"
	}
	return ""
}
