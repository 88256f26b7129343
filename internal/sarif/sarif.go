// Package sarif writes findings in the Static Analysis Results Interchange Format,
// version 2.1.0, which GitHub code scanning and editors read:
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
package sarif

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path"
	"regexp"
	"strings"
)

// A Rule describes the results that carry its ID.
type Rule struct {
	ID    string // "PH610"
	Name  string // an identifier that people can read; may be empty
	Short string // what the rule says, in a few words
	Help  string // plain text: why it matters, how to mend it; may be empty
	Level string // of a result that has none of its own: error, warning or note
}

// A Result is one finding.
type Result struct {
	Rule    string // the ID of its rule
	Level   string // error, warning or note; empty: the rule's
	Message string
	File    string // relative to the root of the repository, with slashes; empty for no place
	Line    int    // from 1; 0 for the file as a whole
	Col     int    // in characters, from 1; 0 for the line as a whole
}

const (
	schemaURI = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	homepage  = "https://github.com/phgen/phgen"
)

// Write writes one run of phgen, of the version named, that looked for rules and
// found results. It refuses a result whose rule is not listed. The same arguments
// give the same bytes.
func Write(w io.Writer, version string, rules []Rule, results []Result) error {
	r := run{ColumnKind: "unicodeCodePoints", Results: []result{}}
	r.Tool.Driver = driver{Name: "phgen", Version: version, InformationURI: homepage, Rules: []descriptor{}}
	index := make(map[string]int, len(rules))
	for i, rule := range rules {
		index[rule.ID] = i
		r.Tool.Driver.Rules = append(r.Tool.Driver.Rules, describe(rule))
	}
	prints := fingerprints{}
	for _, res := range results {
		i, ok := index[res.Rule]
		if !ok {
			return fmt.Errorf("writing SARIF: no rule %q", res.Rule)
		}
		r.Results = append(r.Results, result{
			RuleID:       res.Rule,
			RuleIndex:    i,
			Level:        cmp.Or(res.Level, rules[i].Level),
			Message:      message{plain(res.Message)},
			Locations:    locate(res),
			Fingerprints: prints.of(res),
		})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(log{Schema: schemaURI, Version: "2.1.0", Runs: []run{r}})
}

func describe(rule Rule) descriptor {
	d := descriptor{
		ID:      rule.ID,
		Name:    rule.Name,
		Short:   message{plain(rule.Short)},
		Full:    message{plain(rule.Short)},
		HelpURI: homepage + "/blob/main/docs/rules.md#" + url.PathEscape(strings.ToLower(rule.ID)),
	}
	if rule.Help != "" {
		paragraph, _, _ := strings.Cut(rule.Help, "\n\n")
		d.Full = message{plain(strings.Join(strings.Fields(paragraph), " "))}
		d.Help = &message{plain(rule.Help)}
	}
	d.Configuration.Level = rule.Level
	return d
}

// locate is where a result lies. Files have places of their own in the format,
// so a result without a file has none.
func locate(r Result) []location {
	if r.File == "" {
		return nil
	}
	var l location
	l.Physical.Artifact.URI = uri(r.File)
	if r.Line > 0 {
		l.Physical.Region = &region{r.Line, max(0, r.Col)}
	}
	return []location{l}
}

// uri is the relative reference that names file, or for an absolute path its URI.
func uri(file string) string {
	if windows := len(file) > 2 && file[1] == ':' && file[2] == '/'; windows {
		return (&url.URL{Scheme: "file", Path: "/" + file}).String()
	}
	if path.IsAbs(file) {
		return (&url.URL{Scheme: "file", Path: file}).String()
	}
	return (&url.URL{Path: file}).String()
}

// plain keeps text from being taken for a link, which the format writes as
// Markdown does.
func plain(text string) string { return strings.ReplaceAll(text, "](", `\](`) }

// fingerprints counts results that differ in nothing but their place in the file.
type fingerprints map[string]int

var position = regexp.MustCompile(`:\d+:\d+\b`)

// of identifies a result from one run to the next, whatever lines were added
// above it or above the places it mentions.
func (f fingerprints) of(r Result) map[string]string {
	sum := sha256.Sum256([]byte(r.Rule + "\x00" + r.File + "\x00" + position.ReplaceAllString(r.Message, "")))
	hash := hex.EncodeToString(sum[:8])
	f[hash]++
	// The only key that GitHub looks at; it computes one from the text if it is absent.
	return map[string]string{"primaryLocationLineHash": fmt.Sprintf("%s:%d", hash, f[hash])}
}
