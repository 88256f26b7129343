package vet

import (
	"embed"
	"strings"

	"github.com/phgen/phgen/schema"
)

// Codes describes every code of usage, in order. Bad and Good hold Go, the body of a
// function. The slice is the caller's own.
func Codes() []schema.CodeDoc {
	docs := make([]schema.CodeDoc, len(codes))
	for i, d := range codes {
		docs[i] = withText(d)
	}
	return docs
}

// Severity is that of the findings that carry code.
func Severity(code string) schema.Severity {
	if d := find(codes, func(d *schema.CodeDoc) bool { return d.Code == code }); d != nil {
		return d.Severity
	}
	return schema.Error
}

//go:embed explain/*.txt
var explanations embed.FS

// withText fills in what stands in explain/<code>.txt: prose, then two snippets, each
// behind a line that names it. TestExplanations refuses a code without one.
func withText(d schema.CodeDoc) schema.CodeDoc {
	text, err := explanations.ReadFile("explain/" + d.Code + ".txt")
	if err != nil {
		return d
	}
	prose, snippets, _ := strings.Cut(string(text), "\n-- bad --\n")
	bad, good, _ := strings.Cut(snippets, "-- good --\n")
	d.Explanation, d.Bad, d.Good = strings.TrimSpace(prose), bad, good
	return d
}

// codes is the catalogue: a code keeps its meaning for ever.
var codes = []schema.CodeDoc{
	{Code: "PHV001", Since: "0.1.0", Title: "event built but never captured"},
	{Code: "PHV002", Since: "0.1.0", Title: "planned event sent, or flag read, by a string"},
	{Code: "PHV003", Since: "0.1.0", Severity: schema.Warning, Title: "arguments are likely swapped"},
	{Code: "PHV004", Since: "0.1.0", Severity: schema.Warning, Title: "use of something deprecated"},
	{Code: "PHV005", Since: "0.1.0", Title: "required group is never in scope"},
	{Code: "PHV006", Since: "0.1.0", Severity: schema.Warning, Title: "event is never used"},
	{Code: "PHV007", Since: "0.1.0", Severity: schema.Warning, Title: "flag is never read"},
	{Code: "PHV008", Since: "0.1.0", Severity: schema.Warning, Title: "flag is read in a loop"},
	{Code: "PHV009", Since: "0.1.0", Title: "generated file is not what its plan generates"},
	{Code: "PHV010", Since: "0.1.0", Title: "both halves of a dual-write pair captured together"},
	{Code: "PHV011", Since: "0.1.0", Title: "event made without its required properties"},
	{Code: "PHV012", Since: "0.1.0", Title: "number where an enum value is wanted"},
}
