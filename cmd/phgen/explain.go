package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/schema"
)

func newExplain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain [code]",
		Short: "Explain a diagnostic code, or list them all",
		Args:  upTo(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var codes []string
			for _, doc := range schema.Codes() {
				codes = append(codes, doc.Code+"\t"+doc.Title)
			}
			return codes, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listCodes(cmd.OutOrStdout())
			}
			return explain(cmd.OutOrStdout(), args[0])
		},
	}
}

func listCodes(w io.Writer) error {
	var text strings.Builder
	for _, doc := range schema.Codes() {
		fmt.Fprintf(&text, "%s  %-7s  %s\n", doc.Code, doc.Severity, doc.Title)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func explain(w io.Writer, code string) error {
	doc, ok := schema.Explain(strings.ToUpper(code))
	if !ok {
		var codes []string
		for _, d := range schema.Codes() {
			codes = append(codes, d.Code)
		}
		return fmt.Errorf("unknown code %q%s", code, didYouMean(code, codes, `; "phgen explain" lists them all`))
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s (%s, since %s): %s\n", doc.Code, doc.Severity, doc.Since, doc.Title)
	if doc.Explanation != "" {
		fmt.Fprintf(&text, "\n%s\n", doc.Explanation)
	}
	for _, example := range []struct{ title, plan string }{{"Wrong", doc.Bad}, {"Right", doc.Good}} {
		if example.plan != "" {
			fmt.Fprintf(&text, "\n%s:\n\n%s\n", example.title, indent(example.plan))
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
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
