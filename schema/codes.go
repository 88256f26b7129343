package schema

import (
	"embed"
	"slices"
	"strings"
	"time"
)

// A CodeDoc describes one diagnostic code; "phgen explain" prints it.
type CodeDoc struct {
	Code        string   // "PH105"
	Title       string   // what the code says, in a few words
	Severity    Severity // of the findings that carry the code, unless a preset or a configuration says otherwise
	Preset      Preset   // the smallest preset that looks for it; empty: it can never be switched off
	Explanation string   // what is wrong, why it matters, how to mend it; wrapped text
	Bad         string   // top-level sections of a plan that earn the code; empty where no text can show it
	Good        string   // the same, mended
	Since       string   // the release that introduced the code
}

// Explain describes code, which is written as diagnostics write it. It reports
// false for a code that no release has used.
func Explain(code string) (CodeDoc, bool) {
	i := slices.IndexFunc(catalogue, func(r row) bool { return r.code == code })
	if i < 0 {
		return CodeDoc{}, false
	}
	return catalogue[i].doc().withText(), true
}

// Codes describes every code of the plan language, in order. The slice is the
// caller's own.
func Codes() []CodeDoc {
	docs := make([]CodeDoc, len(catalogue))
	for i, r := range catalogue {
		docs[i] = r.doc().withText()
	}
	return docs
}

//go:embed explain/*.txt
var explanations embed.FS

// withText fills in what stands in explain/<code>.txt: prose, then the two
// snippets, each behind a line that names it. A code without a text stays
// without one; TestExplanations refuses that.
func (d CodeDoc) withText() CodeDoc {
	text, err := explanations.ReadFile("explain/" + d.Code + ".txt")
	if err != nil {
		return d
	}
	prose, snippets, _ := strings.Cut(string(text), "\n-- bad --\n")
	bad, good, _ := strings.Cut(snippets, "-- good --\n")
	d.Explanation, d.Bad, d.Good = strings.TrimSpace(prose), bad, good
	return d
}

// A row is one code: what it says, when it is looked for, and the check that
// finds it. Without a check it is found where the plan is read.
type row struct {
	code, since string
	severity    Severity
	preset      Preset
	title       string
	check       func(p *Plan, now time.Time, report report)
}

// doc is the row for others to read, without its texts.
func (r row) doc() CodeDoc {
	return CodeDoc{Code: r.code, Title: r.title, Severity: r.severity, Preset: r.preset, Since: r.since}
}

// always marks what no preset and no configuration can switch off.
const always Preset = ""

// catalogue has a row for each code. A code keeps its meaning for ever, and one
// that is no longer used stays listed. The texts are in explain.
var catalogue = []row{
	{"PH101", "0.1.0", Error, always, "the file is no UTF-8 text, or empty", nil},
	{"PH102", "0.1.0", Error, always, "the file is no YAML", nil},
	{"PH103", "0.1.0", Error, always, "more than one document in a file", nil},
	{"PH104", "0.1.0", Error, always, "anchor, alias, merge key or tag", nil},
	{"PH105", "0.1.0", Error, always, "key written twice in one mapping", nil},
	{"PH106", "0.1.0", Error, always, "key is not a string", nil},
	{"PH107", "0.1.0", Error, always, "unknown key", nil},
	{"PH108", "0.1.0", Error, always, "wrong kind of value", nil},
	{"PH109", "0.1.0", Error, always, "required key is missing", nil},
	{"PH110", "0.1.0", Error, always, "number in a spelling that readers disagree about", nil},
	{"PH111", "0.1.0", Error, always, "format version this phgen does not read", nil},
	{"PH112", "0.1.0", Error, always, "a limit is exceeded", nil},
	{"PH113", "0.1.0", Error, always, "include that cannot be followed", nil},
	{"PH114", "0.1.0", Error, always, "the same name in two files", nil},
	{"PH115", "0.1.0", Error, always, "property in no known form", nil},
	{"PH116", "0.1.0", Error, always, "key does not apply here", nil},
	{"PH117", "0.1.0", Error, always, "output folder outside the module", nil},
	{"PH118", "0.1.0", Error, always, "key reserved for a later version", nil},
	{"PH119", "0.1.0", Error, always, "control character in prose", nil},
	{"PH120", "0.1.0", Error, always, "not one of the allowed words", nil},

	{"PH201", "0.1.0", Error, always, "unknown type", nil},
	{"PH202", "0.1.0", Error, always, "unknown or repeated property set", nil},
	{"PH203", "0.1.0", Error, always, "unknown owner", nil},
	{"PH204", "0.1.0", Error, always, "unknown or repeated group", nil},
	{"PH205", "0.1.0", Error, always, "unknown event", nil},
	{"PH206", "0.1.0", Error, always, "person property unknown or unset", nil},
	{"PH207", "0.1.0", Error, always, "unknown experiment", nil},
	{"PH208", "0.1.0", Error, always, "type contains itself", nil},
	{"PH209", "0.1.0", Error, always, "configuration names an unknown rule", nil},
	{"PH210", "0.1.0", Error, always, "property defined twice", nil},
	{"PH211", "0.1.0", Error, always, "bounds that cannot hold", nil},
	{"PH212", "0.1.0", Error, always, "pattern is no RE2 expression", nil},
	{"PH213", "0.1.0", Error, always, "value does not fit its type", nil},
	{"PH214", "0.1.0", Error, always, "wrong enum", nil},
	{"PH215", "0.1.0", Error, always, "wrong union", nil},
	{"PH216", "0.1.0", Error, always, "type that cannot be an item or map value", nil},
	{"PH217", "0.1.0", Error, always, "property cannot be required here", nil},
	{"PH218", "0.1.0", Error, always, "constraint added to a named type", nil},
	{"PH219", "0.1.0", Error, always, "truncate without a limit", nil},
	{"PH220", "0.1.0", Error, always, "property cannot carry idempotency", nil},
	{"PH221", "0.1.0", Error, always, "contradictory deprecation", nil},
	{"PH222", "0.1.0", Error, always, "version later than the plan's", nil},
	{"PH223", "0.1.0", Error, always, "more than five groups", nil},
	{"PH224", "0.1.0", Error, always, "person properties on a personless event", nil},
	{"PH225", "0.1.0", Error, always, "money keys clash with another key", nil},
	{"PH226", "0.1.0", Error, always, "rule that cannot be switched off", nil},

	{"PH301", "0.1.0", Error, always, "two names become one Go identifier", nil},
	{"PH302", "0.1.0", Error, always, "name yields no Go identifier", nil},
	{"PH303", "0.1.0", Error, always, "type name that generated code needs itself", nil},
	{"PH304", "0.1.0", Error, always, "go.name is no exported identifier", nil},
	{"PH305", "0.1.0", Error, always, "named Go type that cannot be", nil},
	{"PH310", "0.1.0", Error, always, "name that cannot be sent", nil},
	{"PH311", "0.1.0", Error, always, "event name reserved by PostHog", nil},
	{"PH312", "0.1.0", Error, always, "property key reserved by PostHog", nil},

	{"PH401", "0.1.0", Error, always, "flag key or option of another kind of flag", nil},
	{"PH402", "0.1.0", Error, always, "flag default is none of its values", nil},
	{"PH403", "0.1.0", Error, always, "payload or payload default is missing", nil},
	{"PH404", "0.1.0", Error, always, "type that a flag payload cannot hold", nil},
	{"PH406", "0.1.0", Error, Minimal, "flag has expired", checkExpired},
	{"PH407", "0.1.0", Warning, Recommended, "flag expires within two weeks", checkExpiresSoon},
	{"PH408", "0.1.0", Warning, Recommended, "flag keys that differ only in case", checkCaseTwins},
	{"PH409", "0.1.0", Warning, Recommended, "flag depends on what PostHog does not see", checkFlagSight},
	{"PH410", "0.1.0", Warning, Strict, "flag without an end", checkFlagEnd},
	{"PH411", "0.1.0", Warning, Recommended, "metric is a deprecated event", checkMetricDeprecated},
	{"PH420", "0.1.0", Error, always, "experiment without a multivariate flag", nil},
	{"PH421", "0.1.0", Error, always, "control is no variant", nil},
	{"PH422", "0.1.0", Warning, Recommended, "experiment without a primary metric", checkPrimaryMetric},
	{"PH423", "0.1.0", Warning, Recommended, "primary metric lists other experiments only", checkMetricLists},
	{"PH424", "0.1.0", Warning, Recommended, "metric event cannot be joined to exposures", checkMetricJoins},
	{"PH425", "0.1.0", Warning, Recommended, "metric is a draft event", checkMetricDraft},
	{"PH430", "0.1.0", Error, always, "wrong survey", nil},
	{"PH440", "0.1.0", Warning, Minimal, "AI prompts and answers are sent", checkAIPrivacy},

	{"PH501", "0.1.0", Warning, Minimal, "looks personal, but says nothing about it", checkUnmarkedPII},
	{"PH502", "0.1.0", Error, always, "pii that does not fit", nil},
	{"PH503", "0.1.0", Warning, Minimal, "personal data sent without a legal basis", checkBasis},
	{"PH504", "0.1.0", Warning, Minimal, "secret sent in clear", checkSecrets},
	{"PH505", "0.1.0", Error, always, "personal data decides idempotency", nil},
	{"PH506", "0.1.0", Warning, Minimal, "free text of any length", checkFreeText},
	{"PH507", "0.1.0", Warning, Minimal, "name made of somebody's data", checkDataInNames},
	{"PH508", "0.1.0", Warning, Minimal, "credential in the plan", checkCredentials},
	{"PH509", "0.1.0", Warning, Minimal, "key names a secret", checkSecretKeys},

	{"PH601", "0.1.0", Warning, Recommended, "name in another case", checkCase},
	{"PH602", "0.1.0", Warning, Recommended, "name does not match the plan's pattern", checkPattern},
	{"PH603", "0.1.0", Warning, Recommended, "name is too long", checkLength},
	{"PH604", "0.1.0", Warning, Recommended, "boolean without its prefix", checkBoolPrefix},
	{"PH605", "0.1.0", Warning, Recommended, "key without its type's suffix", checkTypeSuffix},
	{"PH606", "0.1.0", Warning, Recommended, "key names another unit", checkUnitSuffix},
	{"PH607", "0.1.0", Warning, Recommended, "name is denied", checkDenied},
	{"PH610", "0.1.0", Warning, Recommended, "event without a description", checkDescription},
	{"PH611", "0.1.0", Warning, Recommended, "description only repeats the name", checkTautology},
	{"PH612", "0.1.0", Warning, Recommended, "event without an owner", checkOwner},
	{"PH620", "0.1.0", Warning, Recommended, "one key, two PostHog types", checkPostHogTypes},
	{"PH621", "0.1.0", Warning, Recommended, "neighbouring parameters of one Go type", checkNeighbours},
	{"PH622", "0.1.0", Warning, Recommended, "event with very many properties", checkEventSize},
	{"PH623", "0.1.0", Warning, Recommended, "deprecated without a way out", checkReplacement},
	{"PH624", "0.1.0", Error, Minimal, "removal date has passed", checkRemoval},
	{"PH625", "0.1.0", Warning, Recommended, "never used", checkUnused},
	{"PH626", "0.1.0", Warning, Recommended, "event names that are almost equal", checkNameTwins},
	{"PH627", "0.1.0", Warning, Recommended, "combining mark in a name", checkMarks},
	{"PH630", "0.1.0", Warning, Recommended, "word that older YAML reads as a boolean", nil},
	{"PH631", "0.1.0", Warning, Strict, "event without a trigger", checkTrigger},
	{"PH632", "0.1.0", Warning, Strict, "property without a description", checkPropertyDescription},
	{"PH633", "0.1.0", Warning, Recommended, "string that could be an enum", checkHiddenEnums},
	{"PH634", "0.1.0", Warning, Recommended, "property in two spellings", checkSynonyms},
	{"PH635", "0.1.0", Warning, Recommended, "event names a letter or an order apart", checkMisspelt},
	{"PH636", "0.1.0", Warning, Recommended, "tags that are almost equal", checkTagTwins},
	{"PH637", "0.1.0", Warning, Recommended, "tag listed twice", checkTagRepeated},
	{"PH638", "0.1.0", Warning, Recommended, "dual write without an end", checkDualWriteEnd},
	{"PH639", "0.1.0", Warning, Recommended, "event names in two tenses", checkTense},
	{"PH640", "0.1.0", Warning, Recommended, "description that waits to be written", checkPlaceholders},
	{"PH641", "0.1.0", Warning, Recommended, "one key, two types or units", checkKinds},
	{"PH642", "0.1.0", Warning, Recommended, "key that promises another type", checkNameType},
	{"PH643", "0.1.0", Warning, Strict, "version in an event's name", checkNameVersion},
	{"PH651", "0.1.0", Warning, Minimal, "ignored until a day that has passed", nil},
	{"PH652", "0.1.0", Warning, Minimal, "nothing to ignore", nil},

	{"PH701", "0.1.0", Error, always, "arguments of existing calls would change places", nil},
	{"PH702", "0.1.0", Error, always, "Go name would change", nil},
}
