package change

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
)

// GitHub refuses a comment of more than 65,536 characters. What does not fit is
// counted.
const maxComment = 60_000

// WriteMarkdown prints the report for a comment on a pull request: what breaks in a
// table, the rest folded. Names of the plan cannot become markup, links or
// mentions.
func (r *Report) WriteMarkdown(w io.Writer) error {
	var m markdown
	breaking := r.Of(Breaking)
	switch len(breaking) {
	case 0:
		m.WriteString("### Tracking plan: nothing breaks\n")
	default:
		fmt.Fprintf(&m, "### Tracking plan: %s\n", count(len(breaking), "breaking change"))
	}
	fmt.Fprintf(&m, "\n%s compared with %s: %s.\n", code(r.New.Name), code(r.Old.Name), r.Summary())
	if r.Bump != nil {
		sign := ""
		if r.Bump.TooSmall {
			sign = "**Version too small.** "
		}
		fmt.Fprintf(&m, "\n%s%s.\n", sign, sentence(r.Bump.String()))
	}
	m.table(r, breaking)
	var allowed []Change
	for _, x := range r.Changes {
		if r.Allowed(x) {
			allowed = append(allowed, x)
		}
	}
	m.folded(r, "allowed change", allowed)
	m.folded(r, "note", r.Of(Note))
	m.folded(r, "safe change", r.Of(Safe))
	_, err := io.WriteString(w, m.String())
	return err
}

func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

type markdown struct{ strings.Builder }

// folded is a table behind a line that opens it.
func (m *markdown) folded(r *Report, noun string, changes []Change) {
	if len(changes) == 0 {
		return
	}
	fmt.Fprintf(m, "\n<details>\n<summary>%s</summary>\n", count(len(changes), noun))
	m.table(r, changes)
	m.WriteString("\n</details>\n")
}

func (m *markdown) table(r *Report, changes []Change) {
	if len(changes) == 0 {
		return
	}
	m.WriteString("\n| Code | Change | Go source | Stored data | Server |\n|---|---|---|---|---|\n")
	for i, x := range changes {
		row := r.row(x)
		if m.Len()+len(row) > maxComment {
			fmt.Fprintf(m, "| … | %d more | | | |\n", len(changes)-i)
			return
		}
		m.WriteString(row)
	}
}

func (r *Report) row(x Change) string {
	cell := x.Cell()
	text := prose(x.String())
	if x.Hint != "" {
		text += "<br>→ " + prose(x.Hint)
	}
	if len(x.Affected) > 0 {
		text += "<br>affects " + prose(some(x.Affected, ", "))
	}
	text += "<br><sub>" + code(r.Place(x)) + "</sub>"
	var levels [3]string
	for _, a := range Axes {
		levels[a] = map[Level]string{Safe: "safe", Note: "note", Breaking: "**breaks**"}[cell.Levels[a]]
	}
	if cell.Silent {
		levels[Go] = "**breaks silently**"
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s |\n", x.Code, text, levels[Go], levels[Data], levels[Server])
}

// prose is a message, with what it quotes as code.
func prose(text string) string {
	var b strings.Builder
	for text != "" {
		at := strings.IndexByte(text, '"')
		if at < 0 {
			at = len(text)
		}
		b.WriteString(escape(text[:at]))
		text = text[at:]
		if text == "" {
			break
		}
		quoted, err := strconv.QuotedPrefix(text)
		if err != nil {
			quoted = text[:1]
		}
		text = text[len(quoted):]
		if name, err := strconv.Unquote(quoted); err == nil {
			b.WriteString(code(name))
		} else {
			b.WriteString(escape(quoted))
		}
	}
	return b.String()
}

// code is text in the font of code, inside which nobody is mentioned.
func code(text string) string { return "<code>" + escape(text) + "</code>" }

// escape makes text mean itself in Markdown and HTML: each sign that could begin
// markup, a link, a mention or a formula is written as a number, and what moves the
// cursor or hides text as Go would write it.
func escape(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)), strings.ContainsRune(" ,;-()?%", r):
			b.WriteRune(r)
		case !unicode.IsPrint(r):
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(escape(quoted[1 : len(quoted)-1]))
		case r < 0x80:
			fmt.Fprintf(&b, "&#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
