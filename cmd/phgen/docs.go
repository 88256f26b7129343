package main

import (
	"github.com/spf13/cobra"

	"github.com/phgen/phgen/internal/docs"
)

func newDocs() *cobra.Command {
	var (
		kind  = &oneOf{}
		out   string
		check bool
	)
	for _, k := range docs.Kinds() {
		kind.words = append(kind.words, string(k))
	}
	cmd := &cobra.Command{
		Use:   "docs [plan]",
		Short: "Write the plan for people to read",
		Long: `Docs writes what the plan says: a Markdown page, an HTML page that needs nothing else,
a CSV table, a JSON Schema of each event as it is sent, and a map of personal data.
The plan defaults to tracking-plan.yaml.

--out names a folder, a file, or - for standard output, which is the default. A folder
ends in / or exists; it gets every kind, or the one of --kind. A file gets one kind:
that of --kind, else what its ending .md, .html or .csv says, else Markdown.

Files in a folder: tracking-plan.md, index.html, tracking-plan.csv, personal-data.md
and .csv, and events/*.schema.json, of which those of former events are removed.

Exit status: with --check, 3 if the files are not what docs would write.`,
		Args:              upTo(1),
		ValidArgsFunction: completePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := newDocsOutput(docs.Kind(kind.word), out)
			if err != nil {
				return err
			}
			r := newReport(cmd, "text")
			p, err := soundPlan(r, planPath(args))
			if err != nil {
				return err
			}
			if check {
				return d.check(r, p)
			}
			return d.write(cmd.Context(), r, p)
		},
	}
	kind.addTo(cmd, "kind", "the only kind to write")
	kind.word, cmd.Flags().Lookup("kind").DefValue = "", "" // --out decides
	cmd.Flags().StringVar(&out, "out", "-", "folder, file, or - for standard output")
	cmd.Flags().BoolVar(&check, "check", false, "write nothing, and exit 3 if files are out of date")
	return cmd
}
