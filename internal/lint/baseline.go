package lint

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/phgen/phgen/schema"
)

// A Baseline is the findings that a plan had when somebody decided to begin with
// those that come later. It knows them by rule and by path, so that it stays true
// while lines move.
type Baseline struct {
	entries map[place]int
}

type place struct{ code, path string }

// An Entry is findings of one rule at one place.
type Entry struct {
	Code  string `json:"code"`
	Path  string `json:"path"`
	Count int    `json:"count"`
}

// file is a baseline as JSON.
type file struct {
	Version  int     `json:"version"`
	Findings []Entry `json:"findings"`
}

// maxBaselineBytes is more than the findings about the largest plan take.
const maxBaselineBytes = 16 << 20

// NewBaseline is the baseline that found would be hidden by. What is said of the
// configuration is left out.
func NewBaseline(found schema.Diagnostics, cfg *schema.LintConfig) *Baseline {
	b := &Baseline{entries: make(map[place]int)}
	for _, d := range found {
		if cfg == nil || d.Pos.File != cfg.File {
			b.entries[place{d.Code, d.Path}]++
		}
	}
	return b
}

// Len is how many findings the baseline holds.
func (b *Baseline) Len() int {
	n := 0
	for _, count := range b.entries {
		n += count
	}
	return n
}

// ParseBaseline reads what JSON wrote. Errors name the line.
func ParseBaseline(src []byte) (*Baseline, error) {
	if len(src) > maxBaselineBytes {
		return nil, fmt.Errorf("larger than %d MiB", maxBaselineBytes>>20)
	}
	var f file
	d := json.NewDecoder(bytes.NewReader(src))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf("line %d: %w", lineAt(src, d, err), err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("line %d: text behind the end", lineAt(src, d, nil))
	}
	if f.Version != 1 {
		return nil, fmt.Errorf("version %d; this phgen reads version 1", f.Version)
	}
	b := &Baseline{entries: make(map[place]int, len(f.Findings))}
	for _, e := range f.Findings {
		at := place{e.Code, e.Path}
		switch _, twice := b.entries[at]; {
		case e.Code == "":
			return nil, errors.New("a finding without a code")
		case e.Count < 1:
			return nil, fmt.Errorf("%s at %q: the count is %d", e.Code, e.Path, e.Count)
		case twice:
			return nil, fmt.Errorf("%s at %q stands there twice", e.Code, e.Path)
		}
		b.entries[at] = e.Count
	}
	return b, nil
}

// lineAt is the line in which d stopped, because of err unless that is nil.
func lineAt(src []byte, d *json.Decoder, err error) int {
	offset := d.InputOffset()
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	}
	return 1 + bytes.Count(src[:min(offset, int64(len(src)))], []byte("\n"))
}

// JSON writes the baseline, one entry a line and sorted, so that two branches that
// mend different findings merge.
func (b *Baseline) JSON() []byte {
	var text bytes.Buffer
	text.WriteString("{\n  \"version\": 1,\n  \"findings\": [")
	separator := "\n"
	for _, e := range b.sorted() {
		text.WriteString(separator + "    ")
		enc := json.NewEncoder(&text)
		enc.SetEscapeHTML(false)
		_ = enc.Encode(e) // strings and a number always can be
		text.Truncate(text.Len() - 1)
		separator = ",\n"
	}
	if len(b.entries) > 0 {
		text.WriteString("\n  ")
	}
	text.WriteString("]\n}\n")
	return text.Bytes()
}

func (b *Baseline) sorted() []Entry {
	entries := make([]Entry, 0, len(b.entries))
	for at, n := range b.entries {
		entries = append(entries, Entry{at.code, at.path, n})
	}
	slices.SortFunc(entries, func(x, y Entry) int { return cmp.Or(cmp.Compare(x.Path, y.Path), cmp.Compare(x.Code, y.Code)) })
	return entries
}

// Only returns what the baseline holds of these rules; of all without any.
func (b *Baseline) Only(codes []string) *Baseline {
	if len(codes) == 0 {
		return b
	}
	part := &Baseline{entries: make(map[place]int)}
	for at, n := range b.entries {
		if slices.Contains(codes, at.code) {
			part.entries[at] = n
		}
	}
	return part
}

// Apply hides the findings of the baseline, the first of several at one place, and
// returns the others, how many it hid, and what of the baseline no longer occurs.
func (b *Baseline) Apply(found schema.Diagnostics) (left schema.Diagnostics, hidden int, mended []Entry) {
	spare := &Baseline{entries: make(map[place]int, len(b.entries))}
	for at, n := range b.entries {
		spare.entries[at] = n
	}
	for _, d := range found {
		at := place{d.Code, d.Path}
		if spare.entries[at] == 0 {
			left = append(left, d)
			continue
		}
		hidden++
		if spare.entries[at]--; spare.entries[at] == 0 {
			delete(spare.entries, at)
		}
	}
	return left, hidden, spare.sorted()
}
