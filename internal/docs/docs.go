// Package docs writes what a tracking plan says for people and for other programs: a page
// to read, a table, schemas, a map of personal data. It reads nothing but the plan, and the
// same plan gives the same bytes.
package docs

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/phgen/phgen/schema"
)

// A Kind is one form of the documentation.
type Kind string

// The kinds.
const (
	Markdown   Kind = "markdown"
	HTML       Kind = "html"
	CSV        Kind = "csv"
	JSONSchema Kind = "json-schema"
	PII        Kind = "pii"
)

// Kinds returns all kinds.
func Kinds() []Kind { return []Kind{Markdown, HTML, CSV, JSONSchema, PII} }

// A File is one file of a folder of documentation.
type File struct {
	Path string // slash separated, relative to the folder
	Data []byte
}

// Files returns the files of a kind, as they lie in a folder.
func Files(p *schema.Plan, kind Kind) ([]File, error) {
	switch kind {
	case Markdown:
		return []File{{"tracking-plan.md", markdown(p)}}, nil
	case CSV:
		return []File{{"tracking-plan.csv", table(p)}}, nil
	case PII:
		return []File{{"personal-data.csv", personalTable(p)}, {"personal-data.md", personalPage(p)}}, nil
	case JSONSchema:
		return schemas(p)
	case HTML:
		page, err := page(p)
		return []File{{"index.html", page}}, err
	}
	return nil, fmt.Errorf("no kind %q of documentation", kind)
}

// One returns a kind as a single file whose name ends in ext: of json-schema one whose
// $defs are the events, of pii a table for a spreadsheet if ext is .csv, else a page.
func One(p *schema.Plan, kind Kind, ext string) ([]byte, error) {
	switch {
	case kind == JSONSchema:
		return bundle(p)
	case kind == PII && ext == ".csv":
		return personalTable(p), nil
	case kind == PII:
		return personalPage(p), nil
	}
	files, err := Files(p, kind)
	if err != nil {
		return nil, err
	}
	return files[0].Data, nil
}

// mark stands near the beginning of every file that can have a comment.
const mark = "Written by phgen docs. DO NOT EDIT."

// Written reports whether data, the file at path, is a file of documentation, whatever the
// plan. Nothing else may be overwritten or removed.
func Written(path string, data []byte) bool {
	start := data[:min(len(data), 1024)]
	if strings.HasSuffix(path, ".csv") {
		return bytes.HasPrefix(start, []byte(tableStart))
	}
	return bytes.Contains(start, []byte(mark))
}
