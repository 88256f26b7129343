package docs

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/phgen/phgen/schema"
)

// markdown is the plan as one page.
func markdown(p *schema.Plan) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "<!-- %s -->\n\n# %s %s\n\n", mark, inline(p.Name), inline(p.Version))
	if p.Description != "" {
		fmt.Fprintf(&b, "%s\n", paragraph(p.Description))
	}
	all := items(p)
	contents(&b, all)
	owners(&b, p)
	for _, s := range sections {
		title := false
		for _, it := range all {
			if it.Kind != s.Kind {
				continue
			}
			if !title {
				fmt.Fprintf(&b, "\n## %s\n", s.Title)
				title = true
			}
			entry(&b, it)
		}
	}
	return []byte(b.String())
}

// contents lists the events; a page has its other sections near the end.
func contents(b *strings.Builder, all []item) {
	head := "\n| Event | What happened | Owner | Status |\n|---|---|---|---|\n"
	for _, it := range all {
		if it.Kind != "event" {
			break
		}
		fmt.Fprintf(b, "%s| %s | %s | %s | %s |\n", head, link(it.Kind, it.Name), inline(firstSentence(it.Description)), inline(it.Owner), it.Status)
		head = ""
	}
}

func firstSentence(text string) string {
	if i := strings.Index(text, ". "); i >= 0 {
		return text[:i+1]
	}
	return text
}

func owners(b *strings.Builder, p *schema.Plan) {
	if len(p.Owners) == 0 {
		return
	}
	b.WriteString("\n## Owners\n\n| Owner | | Slack | E-mail | Code owners |\n|---|---|---|---|---|\n")
	for _, o := range p.Owners {
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", inline(o.Name), inline(o.Description), inline(o.Slack), inline(o.Email), inline(strings.Join(o.Codeowners, ", ")))
	}
}

// entry is one item with its heading.
func entry(b *strings.Builder, it item) {
	fmt.Fprintf(b, "\n<a id=\"%s\"></a>\n\n### %s\n\n", anchor(it.Kind, it.Name), code(it.Name))
	if it.Deprecated != "" {
		fmt.Fprintf(b, "> **%s.**\n\n", inline(sentence(it.Deprecated)))
	}
	if it.Status == "draft" {
		b.WriteString("> **Draft:** not to be used yet.\n\n")
	}
	if it.Description != "" {
		fmt.Fprintf(b, "%s\n\n", paragraph(it.Description))
	}
	facts(b, it)
	if len(it.Values) > 0 {
		b.WriteString("\n| Value | |\n|---|---|\n")
		for _, v := range it.Values {
			fmt.Fprintf(b, "| %s | %s |\n", code(v.Name), inline(joined("; ", v.Description, v.Deprecated)))
		}
	}
	rowTable(b, it)
	questionTable(b, it)
	for _, example := range it.Examples {
		fmt.Fprintf(b, "\n%s\n", fenced("json", example))
	}
}

func facts(b *strings.Builder, it item) {
	fact := func(name, text string) {
		if text != "" {
			fmt.Fprintf(b, "- %s: %s\n", name, text)
		}
	}
	fact("Owner", inline(it.Owner))
	fact("Tags", inline(strings.Join(it.Tags, ", ")))
	for _, f := range it.Facts {
		text := inline(f.Text)
		for i, l := range f.Links {
			kind, name, _ := strings.Cut(l, "/")
			if i > 0 {
				text += ", "
			}
			text += link(kind, name)
		}
		fact(f.Name, text)
	}
}

func rowTable(b *strings.Builder, it item) {
	if len(it.Rows) == 0 {
		return
	}
	b.WriteString("\n| Property | Type | | Constraints | Personal data | Description |\n|---|---|---|---|---|---|\n")
	for _, r := range it.Rows {
		kind := inline(r.Type)
		if r.Named != "" {
			kind = strings.Replace(kind, inline(r.Named), link("type", r.Named), 1)
		}
		var must []string
		if r.Required {
			must = append(must, "**required**")
		}
		if r.Nullable {
			must = append(must, "nullable")
		}
		limits := escaped(r.Constraints)
		for _, v := range r.Values {
			limits = append(limits, code(v.Name))
		}
		what := []string{inline(r.Description), inline(r.Deprecated)}
		if r.Write != "" {
			what = append(what, "written with "+inline(r.Write))
		}
		if r.Set != "" {
			what = append(what, "from "+inline(r.Set))
		}
		if r.Example != "" {
			what = append(what, "example "+code(r.Example))
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n",
			code(r.path), kind, strings.Join(must, ", "), strings.Join(limits, ", "), inline(words(r.PII)), joined("; ", what...))
	}
}

func questionTable(b *strings.Builder, it item) {
	if len(it.Questions) == 0 {
		return
	}
	b.WriteString("\n| Question | Text | Type | | Answers | Personal data |\n|---|---|---|---|---|---|\n")
	for _, q := range it.Questions {
		must := ""
		if q.Required {
			must = "**required**"
		}
		answers := escaped(q.Constraints)
		for _, v := range q.Values {
			answers = append(answers, code(v.Name))
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n",
			code(q.Key), inline(joined("; ", q.Text, q.Description)), q.Type, must, strings.Join(answers, ", "), inline(words(q.PII)))
	}
}

func escaped(list []string) []string {
	var out []string
	for _, text := range list {
		out = append(out, inline(text))
	}
	return out
}

// joined joins what is not empty.
func joined(sep string, parts ...string) string {
	var full []string
	for _, part := range parts {
		if part != "" {
			full = append(full, part)
		}
	}
	return strings.Join(full, sep)
}

// sentence begins with a capital letter.
func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

func anchor(kind, name string) string { return kind + "-" + slug(name, true) }

func link(kind, name string) string {
	return fmt.Sprintf("[%s](#%s)", code(name), anchor(kind, name))
}

// inline is text of the plan within a line of Markdown, a cell of a table included. None of
// it is taken for markup, a link or a mention.
func inline(text string) string {
	return inlineEscaper.Replace(strings.Join(strings.Fields(text), " "))
}

// paragraph is text of the plan as lines of their own: what would begin a list or a rule is
// escaped, too.
func paragraph(text string) string { return listStart.ReplaceAllString(inline(text), `$1\$2`) }

var listStart = regexp.MustCompile(`^([0-9]*)([-+=.)])`)

var inlineEscaper = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `~`, `\~`, `[`, `\[`, `]`, `\]`, `!`, `\!`, `#`, `\#`, `|`, `\|`,
	`<`, `&lt;`, `>`, `&gt;`, `&`, `&amp;`, `$`, `\$`, `@`, `&#64;`, `://`, `:&#47;&#47;`, `www.`, `www&#46;`,
)

// code is text of the plan as code within a line, which no length of backquotes ends early.
func code(text string) string {
	if text == "" {
		return ""
	}
	text = strings.Join(strings.Fields(text), " ")
	if strings.ContainsAny(text, "`|\\") {
		// In a table a bar ends even code, and the escape of it is shown where there is
		// none: entities mean the same everywhere.
		return "<code>" + codeEscaper.Replace(text) + "</code>"
	}
	return "`" + text + "`"
}

var codeEscaper = strings.NewReplacer(
	`&`, `&amp;`, `<`, `&lt;`, `>`, `&gt;`, "`", `&#96;`, `|`, `&#124;`, `\`, `&#92;`, `*`, `&#42;`, `_`, `&#95;`,
	`~`, `&#126;`, `[`, `&#91;`, `]`, `&#93;`, `!`, `&#33;`, `$`, `&#36;`, `@`, `&#64;`, `://`, `:&#47;&#47;`, `www.`, `www&#46;`,
)

// fenced is a block of code, with a fence longer than any inside.
func fenced(language, text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + language + "\n" + text + "\n" + fence
}
