package flags

import "strconv"

// A Need is one thing that was missing to decide a flag.
type Need struct {
	Kind  NeedKind
	Group string // the group type, of NeedGroupProperty, NeedGroup and NeedGroupType
	Name  string // of the property, cohort or flag; what is wrong, of NeedDefinition
}

// A NeedKind says what kind of thing is missing.
type NeedKind uint8

// The kinds of needs.
const (
	NeedNothing        NeedKind = iota
	NeedDistinctID              // the query has no distinct ID
	NeedDeviceID                // the query has no device ID, and the flag is bucketed by it
	NeedPersonProperty          // of the person; if the query has it, its value is one that no answer is certain for
	NeedGroupProperty           // of a group, likewise
	NeedPersonMetadata          // what only the server knows about the person, such as when it was created
	NeedBucket                  // the bucket that the server may remember for the person
	NeedGroup                   // the key of a group of a type
	NeedGroupType               // the definitions do not name this group type, given by its index
	NeedCohort                  // a static cohort, or another that the definitions do not have or cannot express
	NeedFlag                    // a flag that this one depends on
	NeedDefinition              // a definition that this package understands
)

// String describes the need, as in `person property "plan"`.
func (n Need) String() string {
	switch n.Kind {
	case NeedDistinctID:
		return "distinct id"
	case NeedDeviceID:
		return "device id"
	case NeedPersonProperty:
		return "person property " + strconv.Quote(n.Name)
	case NeedGroupProperty:
		return "property " + strconv.Quote(n.Name) + " of group " + strconv.Quote(n.Group)
	case NeedPersonMetadata:
		return "person metadata " + strconv.Quote(n.Name)
	case NeedBucket:
		return "remembered bucket"
	case NeedGroup:
		return "group " + strconv.Quote(n.Group)
	case NeedGroupType:
		return "group type " + n.Group
	case NeedCohort:
		return "cohort " + strconv.Quote(n.Name)
	case NeedFlag:
		return "flag " + strconv.Quote(n.Name)
	case NeedDefinition:
		return "definition: " + n.Name
	}
	return ""
}
