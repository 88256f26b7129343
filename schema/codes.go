package schema

import (
	"embed"
	"slices"
	"strings"
)

// A CodeDoc describes one diagnostic code; "phgen explain" prints it.
type CodeDoc struct {
	Code        string   // "PH105"
	Title       string   // what the code says, in a few words
	Severity    Severity // of the findings that carry the code
	Explanation string   // what is wrong, why it matters, how to mend it; wrapped text
	Bad         string   // top-level sections of a plan that earn the code; empty where no text can show it
	Good        string   // the same, mended
	Since       string   // the release that introduced the code
}

// Explain describes code, which is written as diagnostics write it. It reports
// false for a code that no release has used.
func Explain(code string) (CodeDoc, bool) {
	i := slices.IndexFunc(codes, func(d CodeDoc) bool { return d.Code == code })
	if i < 0 {
		return CodeDoc{}, false
	}
	return codes[i].withText(), true
}

// Codes describes every code of the plan language, in order. The slice is the
// caller's own.
func Codes() []CodeDoc {
	docs := make([]CodeDoc, len(codes))
	for i, d := range codes {
		docs[i] = d.withText()
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

// codes is the catalogue: a code keeps its meaning for ever, and one that is no
// longer used stays listed.
var codes = []CodeDoc{
	{Code: "PH101", Since: "0.1.0", Title: "the file is no UTF-8 text, or empty"},
	{Code: "PH102", Since: "0.1.0", Title: "the file is no YAML"},
	{Code: "PH103", Since: "0.1.0", Title: "more than one document in a file"},
	{Code: "PH104", Since: "0.1.0", Title: "anchor, alias, merge key or tag"},
	{Code: "PH105", Since: "0.1.0", Title: "key written twice in one mapping"},
	{Code: "PH106", Since: "0.1.0", Title: "key is not a string"},
	{Code: "PH107", Since: "0.1.0", Title: "unknown key"},
	{Code: "PH108", Since: "0.1.0", Title: "wrong kind of value"},
	{Code: "PH109", Since: "0.1.0", Title: "required key is missing"},
	{Code: "PH110", Since: "0.1.0", Title: "number in a spelling that readers disagree about"},
	{Code: "PH111", Since: "0.1.0", Title: "format version this phgen does not read"},
	{Code: "PH112", Since: "0.1.0", Title: "a limit is exceeded"},
	{Code: "PH113", Since: "0.1.0", Title: "include that cannot be followed"},
	{Code: "PH114", Since: "0.1.0", Title: "the same name in two files"},
	{Code: "PH115", Since: "0.1.0", Title: "property in no known form"},
	{Code: "PH116", Since: "0.1.0", Title: "key does not apply here"},
	{Code: "PH117", Since: "0.1.0", Title: "output folder outside the module"},
	{Code: "PH118", Since: "0.1.0", Title: "key reserved for a later version"},
	{Code: "PH119", Since: "0.1.0", Title: "control character in prose"},
	{Code: "PH120", Since: "0.1.0", Title: "not one of the allowed words"},

	{Code: "PH201", Since: "0.1.0", Title: "unknown type"},
	{Code: "PH202", Since: "0.1.0", Title: "unknown or repeated property set"},
	{Code: "PH203", Since: "0.1.0", Title: "unknown owner"},
	{Code: "PH204", Since: "0.1.0", Title: "unknown or repeated group"},
	{Code: "PH205", Since: "0.1.0", Title: "unknown event"},
	{Code: "PH206", Since: "0.1.0", Title: "person property unknown or unset"},
	{Code: "PH207", Since: "0.1.0", Title: "unknown experiment"},
	{Code: "PH208", Since: "0.1.0", Title: "type contains itself"},
	{Code: "PH210", Since: "0.1.0", Title: "property defined twice"},
	{Code: "PH211", Since: "0.1.0", Title: "bounds that cannot hold"},
	{Code: "PH212", Since: "0.1.0", Title: "pattern is no RE2 expression"},
	{Code: "PH213", Since: "0.1.0", Title: "value does not fit its type"},
	{Code: "PH214", Since: "0.1.0", Title: "wrong enum"},
	{Code: "PH215", Since: "0.1.0", Title: "wrong union"},
	{Code: "PH216", Since: "0.1.0", Title: "type that cannot be an item or map value"},
	{Code: "PH217", Since: "0.1.0", Title: "property cannot be required here"},
	{Code: "PH218", Since: "0.1.0", Title: "constraint added to a named type"},
	{Code: "PH219", Since: "0.1.0", Title: "truncate without a limit"},
	{Code: "PH220", Since: "0.1.0", Title: "property cannot carry idempotency"},
	{Code: "PH221", Since: "0.1.0", Title: "contradictory deprecation"},
	{Code: "PH222", Since: "0.1.0", Title: "version later than the plan's"},
	{Code: "PH223", Since: "0.1.0", Title: "more than five groups"},
	{Code: "PH224", Since: "0.1.0", Title: "person properties on a personless event"},
	{Code: "PH225", Since: "0.1.0", Title: "money keys clash with another key"},

	{Code: "PH301", Since: "0.1.0", Title: "two names become one Go identifier"},
	{Code: "PH302", Since: "0.1.0", Title: "name yields no Go identifier"},
	{Code: "PH303", Since: "0.1.0", Title: "type name that generated code needs itself"},
	{Code: "PH304", Since: "0.1.0", Title: "go.name is no exported identifier"},
	{Code: "PH305", Since: "0.1.0", Title: "named Go type that cannot be"},
	{Code: "PH310", Since: "0.1.0", Title: "name that cannot be sent"},
	{Code: "PH311", Since: "0.1.0", Title: "event name reserved by PostHog"},
	{Code: "PH312", Since: "0.1.0", Title: "property key reserved by PostHog"},

	{Code: "PH401", Since: "0.1.0", Title: "flag key or option of another kind of flag"},
	{Code: "PH402", Since: "0.1.0", Title: "flag default is none of its values"},
	{Code: "PH403", Since: "0.1.0", Title: "payload or payload default is missing"},
	{Code: "PH404", Since: "0.1.0", Title: "type that a flag payload cannot hold"},
	{Code: "PH406", Since: "0.1.0", Title: "flag has expired"},
	{Code: "PH407", Since: "0.1.0", Severity: Warning, Title: "flag expires within two weeks"},
	{Code: "PH408", Since: "0.1.0", Severity: Warning, Title: "flag keys that differ only in case"},
	{Code: "PH420", Since: "0.1.0", Title: "experiment without a multivariate flag"},
	{Code: "PH421", Since: "0.1.0", Title: "control is no variant"},
	{Code: "PH422", Since: "0.1.0", Severity: Warning, Title: "experiment without a primary metric"},
	{Code: "PH423", Since: "0.1.0", Severity: Warning, Title: "primary metric does not list its experiment"},
	{Code: "PH424", Since: "0.1.0", Severity: Warning, Title: "metric event cannot be joined to exposures"},
	{Code: "PH430", Since: "0.1.0", Title: "wrong survey"},
	{Code: "PH440", Since: "0.1.0", Severity: Warning, Title: "AI prompts and answers are sent"},

	{Code: "PH501", Since: "0.1.0", Severity: Warning, Title: "looks personal, but says nothing about it"},
	{Code: "PH502", Since: "0.1.0", Title: "pii that does not fit"},
	{Code: "PH503", Since: "0.1.0", Severity: Warning, Title: "personal data sent without a legal basis"},
	{Code: "PH504", Since: "0.1.0", Severity: Warning, Title: "secret sent in clear"},
	{Code: "PH505", Since: "0.1.0", Title: "personal data decides idempotency"},
	{Code: "PH506", Since: "0.1.0", Severity: Warning, Title: "free text of any length"},

	{Code: "PH601", Since: "0.1.0", Severity: Warning, Title: "name in another case"},
	{Code: "PH602", Since: "0.1.0", Severity: Warning, Title: "name does not match the plan's pattern"},
	{Code: "PH603", Since: "0.1.0", Severity: Warning, Title: "name is too long"},
	{Code: "PH604", Since: "0.1.0", Severity: Warning, Title: "boolean without its prefix"},
	{Code: "PH605", Since: "0.1.0", Severity: Warning, Title: "key without its type's suffix"},
	{Code: "PH606", Since: "0.1.0", Severity: Warning, Title: "key names another unit"},
	{Code: "PH607", Since: "0.1.0", Severity: Warning, Title: "name is denied"},
	{Code: "PH610", Since: "0.1.0", Severity: Warning, Title: "event without a description"},
	{Code: "PH611", Since: "0.1.0", Severity: Warning, Title: "description only repeats the name"},
	{Code: "PH612", Since: "0.1.0", Severity: Warning, Title: "event without an owner"},
	{Code: "PH620", Since: "0.1.0", Severity: Warning, Title: "one key, two PostHog types"},
	{Code: "PH621", Since: "0.1.0", Severity: Warning, Title: "neighbouring parameters of one Go type"},
	{Code: "PH622", Since: "0.1.0", Severity: Warning, Title: "event with very many properties"},
	{Code: "PH623", Since: "0.1.0", Severity: Warning, Title: "deprecated without a way out"},
	{Code: "PH624", Since: "0.1.0", Title: "removal date has passed"},
	{Code: "PH625", Since: "0.1.0", Severity: Warning, Title: "never used"},
	{Code: "PH626", Since: "0.1.0", Severity: Warning, Title: "event names that are almost equal"},
	{Code: "PH627", Since: "0.1.0", Severity: Warning, Title: "combining mark in a name"},
	{Code: "PH630", Since: "0.1.0", Severity: Warning, Title: "word that older YAML reads as a boolean"},
}
