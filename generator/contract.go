package generator

import (
	"github.com/dave/jennifer/jen"

	"github.com/phgen/phgen/schema"
)

// This file is the treaty with the runtime, seen from the compiler's side: no
// other file of the package knows an import path or a name of the runtime.
const (
	runtimePath = "github.com/phgen/phgen/runtime"
	phtestPath  = runtimePath + "/phtest"
	phaiPath    = runtimePath + "/phai"
	uuidPath    = "github.com/google/uuid"

	handshake     = "GeneratedCodeV1"
	handshakeHint = "go get github.com/phgen/phgen@latest"
)

// importNames are the names under which generated files see other packages. A
// parameter never has one of them.
var importNames = map[string]string{
	"context":       "context",
	"math":          "math",
	"net/netip":     "netip",
	"strconv":       "strconv",
	"time":          "time",
	uuidPath:        "uuid",
	runtimePath:     "ph",
	phtestPath:      "phtest",
	phaiPath:        "phai",
	trackingPackage: trackingPackage,
}

func ph(name string) *jen.Statement     { return jen.Qual(runtimePath, name) }
func phtest(name string) *jen.Statement { return jen.Qual(phtestPath, name) }

// What generated code calls and names. Statements are rendered, never changed,
// so that all files share them.
var (
	goContext  = jen.Qual("context", "Context")
	goUUID     = jen.Qual(uuidPath, "UUID")
	goTime     = jen.Qual("time", "Time")
	goDuration = jen.Qual("time", "Duration")
	goAddr     = jen.Qual("net/netip", "Addr")

	phBegin      = ph("Begin")
	phBeginSet   = ph("BeginSet")
	phValidate   = ph("Validate")
	phEqual      = ph("Equal")
	phMap        = ph("Map")
	phOption     = ph("Option")
	phWriter     = ph("Writer")
	phProp       = ph("Prop")
	phEventSpec  = ph("EventSpec")
	phEnumSpec   = ph("EnumSpec")
	phTextRule   = ph("TextRule")
	phPattern    = ph("Pattern")
	phIntRule    = ph("IntRule")
	phFloatRule  = ph("FloatRule")
	phItemRule   = ph("ItemRule")
	phSampling   = ph("Sampling")
	phGroupOrder = ph("GroupOrder")
	phExtra      = ph("Extra")
	phKindPerson = ph("KindPerson")
	phKindGroup  = ph("KindGroup")
	phDate       = ph("Date")
	phMoney      = ph("Money")
	phJSON       = ph("JSON")

	phExpose    = ph("Expose")
	phInVariant = ph("InVariant")

	phMembers       = ph("Members")
	phaiFeatureSpec = jen.Qual(phaiPath, "FeatureSpec")
	phaiRedact      = jen.Qual(phaiPath, "Redact")
	phaiKeep        = jen.Qual(phaiPath, "Keep")

	phSurveySpec      = ph("SurveySpec")
	phSurveyQuestion  = ph("SurveyQuestion")
	phSurveyResponse  = ph("SurveyResponse")
	phSurveyShown     = ph("SurveyShown")
	phSurveySent      = ph("SurveySent")
	phSurveyDismissed = ph("SurveyDismissed")

	phFlagSet         = ph("FlagSet")
	phFlagSpec        = ph("FlagSpec")
	phFlagDetail      = ph("FlagDetail")
	phFlagOverride    = ph("FlagOverride")
	phOverrideFlags   = ph("OverrideFlags")
	phOverrideBool    = ph("OverrideBool")
	phOverrideVariant = ph("OverrideVariant")
	phOverridePayload = ph("OverridePayload")
	phPayloadReader   = ph("PayloadReader")
	phScopeOption     = ph("ScopeOption")
	phPersonFlagProps = ph("PersonFlagPropertiesOf")
	phGroupFlagProps  = ph("GroupFlagPropertiesOf")

	testRecord   = phtest("Record")
	testRecords  = phtest("Records")
	testRecorder = phtest("Recorder")
	testFind     = phtest("Find")
	testRequired = phtest("Required")
	testOptional = phtest("Optional")
	testValue    = phtest("Value")
)

// A kind is what generated code makes of one kind of value.
type kind struct {
	typ     *jen.Statement // the Go type; nil where the plan names it or it has parts
	text    string         // the same as text
	base    string         // the predeclared type, or "uuid.UUID", that go: named may rename
	write   string         // the method of ph.Writer that writes one
	context *jen.Statement // the function that makes a context option of one
	read    string         // the method of phtest.Value that reads one
}

// kinds has no row for const, which has no value, nor for array, map, object and
// union, which are written by their parts.
var kinds = map[schema.Kind]kind{
	schema.String:    text,
	schema.URL:       text,
	schema.Email:     text,
	schema.Country:   text,
	schema.Currency:  text,
	schema.Locale:    text,
	schema.Int:       {jen.Int64(), "int64", "int64", "Int", ph("ContextInt"), "Int"},
	schema.Float:     {jen.Float64(), "float64", "float64", "Float", ph("ContextFloat"), "Float"},
	schema.Bool:      {jen.Bool(), "bool", "", "Bool", ph("ContextBool"), "Bool"},
	schema.Timestamp: {goTime, "time.Time", "", "Time", ph("ContextTime"), "Time"},
	schema.Date:      {phDate, "ph.Date", "", "Date", ph("ContextDate"), "Date"},
	schema.Duration:  {goDuration, "time.Duration", "", "Duration", ph("ContextDuration"), "Duration"},
	schema.UUID:      {goUUID, "uuid.UUID", "uuid.UUID", "UUID", ph("ContextUUID"), "UUID"},
	schema.IP:        {goAddr, "netip.Addr", "", "IP", ph("ContextIP"), "IP"},
	schema.Money:     {phMoney, "ph.Money", "", "Money", ph("ContextMoney"), "Money"},
	schema.JSON:      {phJSON, "ph.JSON", "", "JSON", nil, "JSON"},
	schema.Enum:      {nil, "", "", "Enum", ph("ContextEnum"), "String"},
}

var text = kind{jen.String(), "string", "string", "String", ph("ContextString"), "String"}

// The runtime's words for those of the plan; what is missing is its zero value.
var (
	onInvalids = map[schema.OnInvalid]*jen.Statement{
		schema.Report:       ph("Report"),
		schema.DropProperty: ph("DropProperty"),
		schema.DropEvent:    ph("DropEvent"),
		schema.Truncate:     ph("Truncate"),
	}
	formats = map[schema.Kind]*jen.Statement{
		schema.URL:      ph("FormatURL"),
		schema.Email:    ph("FormatEmail"),
		schema.Country:  ph("FormatCountry"),
		schema.Currency: ph("FormatCurrency"),
		schema.Locale:   ph("FormatLocale"),
	}
	piiActions = map[string]*jen.Statement{
		"hash":     ph("PIIHash"),
		"mask":     ph("PIIMask"),
		"truncate": ph("PIITruncate"),
		"drop":     ph("PIIDrop"),
	}
	flagEvaluations = map[string]*jen.Statement{
		"local_only": ph("LocalOnly"),
		"remote":     ph("RemoteAlways"),
	}
	units = map[string]*jen.Statement{
		"ns":  ph("Nanosecond"),
		"us":  ph("Microsecond"),
		"ms":  ph("Millisecond"),
		"s":   ph("Second"),
		"min": ph("Minute"),
		"h":   ph("Hour"),
		"d":   ph("Day"),
	}
	groupOptions = map[schema.Kind]*jen.Statement{
		schema.String: ph("InGroup"),
		schema.Int:    ph("InGroupInt"),
		schema.UUID:   ph("InGroupUUID"),
	}
)
