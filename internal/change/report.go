package change

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/phgen/phgen/schema"
)

// A Report is what a comparison found, ready to be printed.
type Report struct {
	Old, New Source
	Axes     []Axis // those that count
	Changes  []Change
	Allow    []Allowance
	Bump     *Bump // nil: no version to suggest
}

// A Source is one of the two plans.
type Source struct {
	Name    string // as git names it: "tracking-plan.yaml", "main:tracking-plan.yaml"
	Ref     string // empty: the plan is on disk
	Version string // plan.version; empty: there is no plan
}

// At is a place in the plan, as git names it if it is not on disk.
func (s Source) At(pos schema.Pos) string {
	if s.Ref == "" {
		return pos.String()
	}
	return s.Ref + ":" + pos.String()
}

// Compare fills in what differs between the plans of old and new.
func (r *Report) Compare(old, new Source, changes []Change) {
	r.Old, r.New, r.Changes = old, new, changes
	if b, ok := BumpOf(old.Version, new.Version, changes, r.Axes); ok {
		r.Bump = &b
	}
}

// Place is where to look at x.
func (r *Report) Place(x Change) string {
	if x.Removed {
		return r.Old.At(x.OldPos)
	}
	return r.New.At(x.Pos)
}

// Level is how bad x is on the axes that count.
func (r *Report) Level(x Change) Level { return x.Cell().Level(r.Axes) }

// Of are the changes of a level, without those that are allowed.
func (r *Report) Of(level Level) []Change {
	var all []Change
	for _, x := range r.Changes {
		if r.Level(x) == level && !r.Allowed(x) {
			all = append(all, x)
		}
	}
	return all
}

// An Allowance takes changes out of what breaks: those of a code, in one place or
// anywhere.
type Allowance struct {
	Code string
	Path string // of a change, or of something around it; empty: anywhere
}

// ParseAllowance reads CODE or CODE@path.
func ParseAllowance(text string) (Allowance, error) {
	code, path, _ := strings.Cut(text, "@")
	code = strings.ToUpper(code)
	if _, ok := CellOf(code); !ok {
		return Allowance{}, fmt.Errorf(`unknown code %q; "phgen explain" lists them all`, code)
	}
	return Allowance{Code: code, Path: path}, nil
}

func (a Allowance) String() string {
	if a.Path == "" {
		return a.Code
	}
	return a.Code + "@" + a.Path
}

func (a Allowance) covers(x Change) bool {
	return a.Code == x.Code && (a.Path == "" || a.Path == x.Path || strings.HasPrefix(x.Path, a.Path+"."))
}

// Allowed reports whether x breaks something and is allowed to.
func (r *Report) Allowed(x Change) bool {
	if r.Level(x) != Breaking {
		return false
	}
	for _, a := range r.Allow {
		if a.covers(x) {
			return true
		}
	}
	return false
}

// Idle are the allowances that no change needs.
func (r *Report) Idle() []Allowance {
	var idle []Allowance
	for _, a := range r.Allow {
		used := false
		for _, x := range r.Changes {
			used = used || r.Level(x) == Breaking && a.covers(x)
		}
		if !used {
			idle = append(idle, a)
		}
	}
	return idle
}

// Summary counts the changes by level.
func (r *Report) Summary() string {
	breaking, notes, safe := len(r.Of(Breaking)), len(r.Of(Note)), len(r.Of(Safe))
	text := fmt.Sprintf("%s, %s, %d safe", count(breaking, "breaking change"), count(notes, "note"), safe)
	if allowed := len(r.Changes) - breaking - notes - safe; allowed > 0 {
		text += fmt.Sprintf(", %d allowed", allowed)
	}
	return text
}

// String is advice about plan.version.
func (b Bump) String() string {
	text := fmt.Sprintf("suggested version: %s (%s)", b.Least, b.Word())
	switch {
	case b.TooSmall && b.Old == b.New:
		text += fmt.Sprintf("; plan.version is still %s", b.New)
	case b.TooSmall:
		text += fmt.Sprintf("; plan.version went only from %s to %s", b.Old, b.New)
	default:
		text += fmt.Sprintf("; plan.version went from %s to %s", b.Old, b.New)
	}
	return text
}

// The JSON of a report. Keys are only ever added to it.
type (
	jsonReport struct {
		Version int          `json:"version"`
		Old     jsonSource   `json:"old"`
		New     jsonSource   `json:"new"`
		Bump    *jsonBump    `json:"bump"`
		Changes []jsonChange `json:"changes"`
	}
	jsonSource struct {
		Name    string `json:"name"`
		Version string `json:"version,omitempty"`
	}
	jsonBump struct {
		Word     string `json:"word"`
		Least    string `json:"least"`
		TooSmall bool   `json:"too_small"`
	}
	jsonChange struct {
		Code     string     `json:"code"`
		Level    Level      `json:"level"`
		Go       Level      `json:"go"`
		Data     Level      `json:"data"`
		Server   Level      `json:"server"`
		Silent   bool       `json:"silent,omitempty"`
		Allowed  bool       `json:"allowed,omitempty"`
		Subject  string     `json:"subject"`
		Path     string     `json:"path"`
		Message  string     `json:"message"`
		Hint     string     `json:"hint,omitempty"`
		Old      *jsonPlace `json:"old,omitempty"`
		New      *jsonPlace `json:"new,omitempty"`
		Affected []string   `json:"affected,omitempty"`
	}
	jsonPlace struct {
		Ref  string `json:"ref,omitempty"`
		File string `json:"file"`
		Line int    `json:"line"`
		Col  int    `json:"col"`
	}
)

// WriteJSON prints the report for programs.
func (r *Report) WriteJSON(w io.Writer) error {
	out := jsonReport{
		Version: 1,
		Old:     jsonSource{r.Old.Name, r.Old.Version},
		New:     jsonSource{r.New.Name, r.New.Version},
		Changes: []jsonChange{},
	}
	if r.Bump != nil {
		out.Bump = &jsonBump{r.Bump.Word(), r.Bump.Least, r.Bump.TooSmall}
	}
	for _, x := range r.Changes {
		cell := x.Cell()
		c := jsonChange{
			Code: x.Code, Level: r.Level(x), Go: cell.Levels[Go], Data: cell.Levels[Data], Server: cell.Levels[Server],
			Silent: cell.Silent, Allowed: r.Allowed(x), Subject: x.Subject, Path: x.Path, Message: x.Message, Hint: x.Hint,
			Affected: x.Affected, Old: r.Old.json(x.OldPos),
		}
		if !x.Removed {
			c.New = r.New.json(x.Pos)
		}
		out.Changes = append(out.Changes, c)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

func (s Source) json(pos schema.Pos) *jsonPlace {
	if pos.File == "" {
		return nil
	}
	return &jsonPlace{Ref: s.Ref, File: filepath.ToSlash(pos.File), Line: pos.Line, Col: pos.Col}
}
