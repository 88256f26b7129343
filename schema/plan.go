package schema

// A Plan is a tracking plan that was read without errors: every reference is
// resolved, every default applied, every order the declared one. Compile is its
// only maker; everybody else reads it. Nothing in it is nil unless its comment
// says so, and nothing in it may be changed.
type Plan struct {
	File        string   // the root file, as it was named to Load
	Files       []string // the root and every included file, in reading order, as named in positions
	Include     []string // the globs that were followed, relative to the root file
	Name        string
	Version     string
	Description string

	Go          GoOptions
	Naming      Naming
	Defaults    Defaults
	Owners      []*Owner
	Types       []*Type        // named types
	Sets        []*PropertySet // property_sets
	Context     []*Property
	Person      []*Property
	Groups      []*Group
	Events      []*Event
	Flags       []*Flag
	Experiments []*Experiment
	Surveys     []*Survey
	AI          AI
	ModuleDir   string // folder of the nearest go.mod above the root file; the root file's folder without one
	Module      string // that go.mod's module path; the plan's name without one
}

// GoOptions is the section go.
type GoOptions struct {
	Pos         Pos
	Out         string // relative to the root file, slash separated, cleaned
	OutDir      string // Out as a path of this system, beside the root file
	ImportPath  string // import path of Out: Module plus the way from ModuleDir to it
	SplitOwner  bool   // split: owner
	Initialisms []string
}

// Naming is the opt-in section naming. A nil rule set checks nothing.
type Naming struct {
	Events, Properties *NamingRules
}

// NamingRules are the style rules for one kind of name.
type NamingRules struct {
	Case       string // any, snake, kebab, camel, pascal, space, title
	Pattern    string
	MaxLength  int // 0: none
	BoolPrefix []string
	Suffix     map[string][]string // built-in type name to the allowed suffixes
	Deny       []string
}

// Defaults is the section defaults, with the language's own defaults filled in.
type Defaults struct {
	Owner           string
	Status          string
	ExtraProperties bool // allow
	OnInvalid       OnInvalid
}

// Owner is one entry of owners.
type Owner struct {
	Pos                       Pos
	Name                      string
	Slack, Email, Description string
	Codeowners                []string
}

// OnInvalid says what a bad value does to its event (plan-language §5).
type OnInvalid string

// The words of on_invalid. The empty word means: what encloses it decides.
const (
	Inherit      OnInvalid = ""
	Report       OnInvalid = "report"
	DropProperty OnInvalid = "drop_property"
	DropEvent    OnInvalid = "drop_event"
	Truncate     OnInvalid = "truncate"
)

// A Kind is a type of the language.
type Kind string

// The kinds, in the order of plan-language §4.
const (
	String    Kind = "string"
	Int       Kind = "int"
	Float     Kind = "float"
	Bool      Kind = "bool"
	Timestamp Kind = "timestamp"
	Date      Kind = "date"
	Duration  Kind = "duration"
	UUID      Kind = "uuid"
	URL       Kind = "url"
	Email     Kind = "email"
	IP        Kind = "ip"
	Country   Kind = "country"
	Currency  Kind = "currency"
	Locale    Kind = "locale"
	Money     Kind = "money"
	JSON      Kind = "json"
	Map       Kind = "map"
	Array     Kind = "array"
	Object    Kind = "object"
	Enum      Kind = "enum"
	Union     Kind = "union"
	Const     Kind = "const"
)

// A Type is a named type, or the type of one property, item or map value.
// Properties that use a named type share its *Type. A nil bound is no bound.
type Type struct {
	Pos         Pos
	Name        string // of a named type; empty for a built-in or inline one
	Kind        Kind
	Description string
	Example     *Value // nil: none
	Deprecated  *Deprecation
	PII         *PII
	Go          GoName // named: on an alias, as on a property

	MinLength, MaxLength *int // code points
	MinItems, MaxItems   *int // arrays and maps (maps: MaxItems only)
	MaxBytes             *int // of encoded JSON
	Pattern              string
	MinInt, MaxInt       *int64   // int
	Min, Max             *float64 // float, and duration in its unit
	Unit                 string   // duration: ns us ms s min h d
	StripQuery           bool     // url
	WireAmount           string   // money: explicit wire keys; empty: by the property's key
	WireCurrency         string

	Elem          *Type        // array items, map values
	Values        []*EnumValue // enum
	Properties    []*Property  // object
	Discriminator string       // union
	Variants      []*Variant   // union
	Const         *Value       // const; its Kind is String, Int, Float or Bool
}

// EnumValue is one value of an enum, or one variant of a flag.
type EnumValue struct {
	Pos         Pos
	Value       string // the wire bytes
	Description string
	Deprecated  *Deprecation
	Go          GoName
}

// Variant is one variant of a union.
type Variant struct {
	Pos         Pos
	Name        string
	Description string
	Go          GoName
	Properties  []*Property // each required or const
}

// Property is one property of an event, set, object, variant, context, person,
// group, payload or feature.
type Property struct {
	Pos         Pos // of its key
	Key         string
	Type        *Type
	Required    bool
	Nullable    bool
	Description string // its own, else its named type's
	Example     *Value
	Deprecated  *Deprecation
	PII         *PII // its own, else its named type's; nil: none
	OnInvalid   OnInvalid
	Go          GoName // its own, with named filled in from its named type
	Write       Write  // person only
	Default     *Value // flag payloads only
	// MoneyKeys are the two wire keys of a money property: amount and currency.
	MoneyKeys [2]string
}

// Write is the bucket a person property goes to.
type Write string

// The buckets.
const (
	WriteSet     Write = "set"
	WriteSetOnce Write = "set_once"
	WriteUnset   Write = "unset"
)

// GoName is what go: says of one thing. The zero value says nothing.
type GoName struct {
	Pos     Pos
	Name    string // replaces the derived identifier
	Named   bool   // named: true or named: X
	NamedAs string // X of named: X; empty for named: true
}

// PII is what pii: says of one property.
type PII struct {
	Pos    Pos
	Kind   string
	Action string // allow hash mask truncate drop
	Basis  string
	Keep   int // truncate on string and url; default 3
}

// Deprecation is what deprecated: says; a note alone has only Note.
type Deprecation struct {
	Pos         Pos
	Since       string
	Use         string
	RemoveAfter string // YYYY-MM-DD
	Note        string
	DualWrite   bool
}

// PropertySet is one entry of property_sets.
type PropertySet struct {
	Pos        Pos
	Name       string
	Properties []*Property
}

// Group is one group type.
type Group struct {
	Pos         Pos
	Name        string
	Key         *Type // string, int or uuid
	Description string
	Owner       string
	Go          GoName
	Properties  []*Property
}

// Event is one event, with the defaults of the plan applied.
type Event struct {
	Pos             Pos
	Name            string
	Description     string
	Trigger         string
	Owner           string // empty: none
	Tags            []string
	Since           string
	Version         int
	Status          string // active, draft, deprecated
	Deprecated      *Deprecation
	Use             []*PropertySet
	Own             []*Property  // declared on the event
	Properties      []*Property  // own, then those of each set of Use: the order of parameters, setters and docs
	Groups          []EventGroup // listed ones
	Person          []*Property
	Idempotency     []*Property
	Personless      bool // person_profile: never
	Sampling        Sampling
	OwnExperiments  []*Experiment // listed ones
	Experiments     []*Experiment // whose variant it carries: own, then those of which it or its twin is a metric
	ExtraProperties bool
	OnInvalid       OnInvalid // never Inherit
	Examples        []*Value  // mappings
	Go              GoName
	Twin            *Event // the other half of a dual_write pair; nil: none
}

// EventGroup is one entry of an event's groups.
type EventGroup struct {
	Group    *Group
	Required bool
}

// Sampling keeps a share of an event. Rate 1 keeps all and is the default.
type Sampling struct {
	Rate         float64
	ByDistinctID bool
}

// Flag is one feature flag.
type Flag struct {
	Pos           Pos
	Key           string
	Kind          string // boolean, multivariate, remote_config
	Description   string
	Owner         string
	Tags          []string
	Status        string
	Deprecated    *Deprecation
	Go            GoName
	Variants      []*EnumValue
	Default       string      // boolean: "true" or "false"; multivariate: a variant key, or "" for Off
	Payload       []*Property // nil: none
	HasPayload    bool
	Evaluate      string // local_first, local_only, remote
	DependsPerson []*Property
	DependsGroups []*Group
	Expires       string // YYYY-MM-DD
	ExpiresPos    Pos
}

// Experiment is one experiment; Flag is nil when the caller passes the variant.
type Experiment struct {
	Pos         Pos
	Name        string
	Flag        *Flag
	Variants    []*EnumValue // the flag's, or its own
	Control     string
	Hypothesis  string
	Description string
	Owner       string
	Primary     []*Event
	Secondary   []*Event
	Guardrail   []*Event
}

// Survey is one survey.
type Survey struct {
	Pos         Pos
	Key         string // its name in the plan
	ID          string
	Name        string // display name
	Description string
	Owner       string
	Go          GoName
	Questions   []*Question
}

// Question is one question of a survey.
type Question struct {
	Pos         Pos
	ID, Key     string
	Text        string // question
	Type        string // open rating single_choice multiple_choice link
	Required    bool
	Description string
	PII         *PII
	Go          GoName
	MaxLength   *int
	Min, Max    int64
	Choices     []*EnumValue
	OpenChoice  bool
}

// AI is the section ai. Privacy is redact or keep.
type AI struct {
	Pos      Pos
	Privacy  string
	Features []*Feature
}

// Feature is one LLM feature.
type Feature struct {
	Pos         Pos
	Name        string
	Description string
	Owner       string
	Tags        []string
	Go          GoName
	Properties  []*Property
}

// A Value is a value written in the plan: an example, a default, a const. It was
// checked against its type. For Money, Text is the exact decimal amount and
// Currency the currency; a Union is an Object whose first field is its
// discriminator.
type Value struct {
	Pos    Pos
	Null   bool
	Kind   Kind     // what it is read as; JSON values have the kind of their own shape
	Text   string   // scalar text: a string's bytes, a number's spelling, true or false
	Bool   bool     // Bool
	Int    int64    // Int
	Float  float64  // Float, Duration (in its unit), and Int again
	List   []*Value // Array
	Fields []Field  // Object, Map, Union, in written order
	// Currency is money's.
	Currency string
}

// Field is one key of a mapping value.
type Field struct {
	Pos   Pos
	Key   string
	Value *Value
}
