package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/internal/change"
	"github.com/phgen/phgen/internal/verify"
	"github.com/phgen/phgen/internal/vet"
	"github.com/phgen/phgen/schema"
)

// catalogues are what phgen's commands can find: a chapter each, the language of its
// examples, and its codes.
var catalogues = []struct {
	title, about string
	language     string
	codes        func() []schema.CodeDoc
}{
	{"Plans", `Found by "phgen lint" and, as far as they are errors without a preset, by every command that reads a plan.`, "yaml", schema.Codes},
	{"Changes", `Found by "phgen breaking" and "phgen diff", which compare two states of a plan.`, "yaml", change.Codes},
	{"Usage", `Found by "phgen vet", which reads the Go code that uses a plan.`, "go", vet.Codes},
}

// allCodes describes every code of every catalogue.
func allCodes() []schema.CodeDoc {
	var docs []schema.CodeDoc
	for _, c := range catalogues {
		docs = append(docs, c.codes()...)
	}
	return docs
}

func newExplain() *cobra.Command {
	var (
		all    bool
		format = &oneOf{words: []string{"text", "markdown"}}
	)
	cmd := &cobra.Command{
		Use:   "explain [code]",
		Short: "Explain a diagnostic code, or list them all",
		Args:  upTo(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var codes []string
			for _, doc := range allCodes() {
				codes = append(codes, doc.Code+"\t"+doc.Title)
			}
			return codes, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			docs, err := chosenCodes(args, all)
			if err != nil {
				return err
			}
			switch {
			case format.word == "markdown" && len(args) == 0:
				return writeRulesPage(cmd.OutOrStdout())
			case format.word == "markdown":
				return writeMarkdown(cmd.OutOrStdout(), docs[0])
			case len(args) == 0 && !all:
				return listCodes(cmd.OutOrStdout(), docs)
			}
			return explain(cmd.OutOrStdout(), docs)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "explain every code")
	format.addTo(cmd, "format", "how to print")
	return cmd
}

// chosenCodes are the codes that the arguments of explain ask for.
func chosenCodes(args []string, all bool) ([]schema.CodeDoc, error) {
	docs := allCodes()
	if len(args) == 0 {
		return docs, nil
	}
	if all {
		return nil, fmt.Errorf("--all explains every code, not only %q", args[0])
	}
	i := slices.IndexFunc(docs, func(d schema.CodeDoc) bool { return d.Code == strings.ToUpper(args[0]) })
	if i < 0 {
		return nil, unknownCode(args[0], docs)
	}
	return docs[i : i+1], nil
}

func unknownCode(code string, docs []schema.CodeDoc) error {
	var codes []string
	for _, d := range docs {
		codes = append(codes, d.Code)
	}
	return fmt.Errorf("unknown code %q%s", code, didYouMean(code, codes, `; "phgen explain" lists them all`))
}

func listCodes(w io.Writer, docs []schema.CodeDoc) error {
	var text strings.Builder
	for _, doc := range docs {
		fmt.Fprintf(&text, "%s  %-7s  %s\n", doc.Code, doc.Severity, doc.Title)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func explain(w io.Writer, docs []schema.CodeDoc) error {
	var text strings.Builder
	for i, doc := range docs {
		if i > 0 {
			text.WriteString("\n")
		}
		fmt.Fprintf(&text, "%s (%s): %s\n", doc.Code, status(doc), doc.Title)
		if doc.Explanation != "" {
			fmt.Fprintf(&text, "\n%s\n", doc.Explanation)
		}
		for _, example := range []struct{ title, plan string }{{"Wrong", doc.Bad}, {"Right", doc.Good}} {
			if example.plan != "" {
				fmt.Fprintf(&text, "\n%s:\n\n%s\n", example.title, indent(example.plan))
			}
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// status says how much a code matters and since when.
func status(doc schema.CodeDoc) string {
	s := doc.Severity.String()
	if doc.Preset != "" {
		s += ", preset " + string(doc.Preset)
	}
	if doc.Since != "" {
		s += ", since " + doc.Since
	}
	return s
}

// indent sets every line of text that is not empty four columns in.
func indent(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = "    " + line
		}
	}
	return strings.Join(lines, "\n")
}

// writeRulesPage writes the page of all codes: for each catalogue a table, and what
// there is to say of each code.
func writeRulesPage(w io.Writer) error {
	var text strings.Builder
	text.WriteString(`<!-- Written by: phgen explain --all --format markdown -->

# Codes

A code keeps its meaning for ever. Those with a preset are rules of ` + "`phgen lint`" + `: a
configuration can switch them off, change their severity and ignore findings.
`)
	for _, c := range catalogues {
		fmt.Fprintf(&text, "\n## %s\n\n%s\n\n| code | severity | preset | what it says |\n|---|---|---|---|\n", c.title, markdownProse.Replace(c.about))
		for _, doc := range c.codes() {
			fmt.Fprintf(&text, "| [%s](#%s) | %s | %s | %s |\n", doc.Code, strings.ToLower(doc.Code), doc.Severity, doc.Preset, markdownProse.Replace(doc.Title))
		}
		for _, doc := range c.codes() {
			text.WriteString("\n")
			if err := writeMarkdown(&text, doc); err != nil {
				return err
			}
		}
	}
	writeEventRules(&text)
	_, err := io.WriteString(w, text.String())
	return err
}

// writeEventRules writes what is found about events as they were sent: words and not
// codes, each under a heading that SARIF files link to.
func writeEventRules(text *strings.Builder) {
	text.WriteString("\n## Events\n\nFound by \"phgen verify\", \"phgen ci\" and \"phgen dev\", which read events as they were sent.\n")
	for _, rule := range verify.Rules() {
		fmt.Fprintf(text, "\n### %s\n\n%s.\n", rule.Name, markdownProse.Replace(sentence(rule.Meaning)))
	}
}

// sentence begins text with a capital letter.
func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// writeMarkdown explains one code.
func writeMarkdown(w io.Writer, doc schema.CodeDoc) error {
	var text strings.Builder
	fmt.Fprintf(&text, "### %s\n\n**%s** (%s)\n", doc.Code, markdownProse.Replace(doc.Title), status(doc))
	if doc.Explanation != "" {
		fmt.Fprintf(&text, "\n%s\n", markdownProse.Replace(doc.Explanation))
	}
	for _, example := range []struct{ title, text string }{{"Wrong", doc.Bad}, {"Right", doc.Good}} {
		if example.text != "" {
			fmt.Fprintf(&text, "\n%s:\n\n```%s\n%s\n```\n", example.title, language(doc.Code), strings.TrimRight(example.text, "\n"))
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// language is what the examples of a code are written in.
func language(code string) string {
	for _, c := range catalogues {
		if slices.ContainsFunc(c.codes(), func(d schema.CodeDoc) bool { return d.Code == code }) {
			return c.language
		}
	}
	return ""
}

// markdownProse keeps the marks of plain text from being read as Markdown.
var markdownProse = strings.NewReplacer("*", `\*`, "_", `\_`, "<", "&lt;", "|", `\|`, "[", `\[`, "#", `\#`)
