package docs

import (
	"bytes"
	"encoding/csv"
	"strings"

	"github.com/phgen/phgen/schema"
)

// tableStart begins every table.
const tableStart = "section,name,property,type,"

// table is the plan as a table: a line for each item and for each of its properties.
func table(p *schema.Plan) []byte {
	lines := [][]string{{
		"section", "name", "property", "type", "required", "nullable", "constraints", "values", "description",
		"pii_kind", "pii_action", "pii_basis", "owner", "status", "since", "tags", "deprecated", "example",
	}}
	for _, it := range items(p) {
		status := it.Status
		if status == "" {
			status = "active"
		}
		since := ""
		for _, f := range it.Facts {
			if f.Name == "Since" {
				since = f.Text
			}
		}
		line := func(property, kind string, required, nullable bool, constraints []string, values []value, description string, pii *schema.PII, deprecated, example string) {
			if pii == nil {
				pii = &schema.PII{}
			}
			lines = append(lines, []string{
				it.Kind, it.Name, property, kind, yes(required), yes(nullable), strings.Join(constraints, "; "), valueNames(values), description,
				pii.Kind, pii.Action, pii.Basis, it.Owner, status, since, strings.Join(it.Tags, " "), deprecated, example,
			})
		}
		line("", "", false, false, nil, it.Values, it.Description, nil, it.Deprecated, "")
		for _, r := range it.Rows {
			line(r.path, r.Type, r.Required, r.Nullable, r.Constraints, r.Values, r.Description, r.pii, r.Deprecated, r.Example)
		}
		for _, q := range it.Questions {
			line(q.Key, q.Type, q.Required, false, q.Constraints, q.Values, q.Text, q.pii, "", "")
		}
	}
	return written(lines)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

func valueNames(values []value) string {
	var names []string
	for _, v := range values {
		names = append(names, v.Name)
	}
	return strings.Join(names, "; ")
}

// written is a table as RFC 4180 has it. A cell that a spreadsheet would take for a formula
// begins with an apostrophe.
func written(lines [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	for _, line := range lines {
		for i, cell := range line {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				line[i] = "'" + cell
			}
		}
		_ = w.Write(line) // to memory
	}
	w.Flush()
	return b.Bytes()
}
