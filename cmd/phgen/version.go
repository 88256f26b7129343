package main

import (
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of phgen",
		Args:  upTo(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			build, _ := debug.ReadBuildInfo()
			_, err := fmt.Fprintln(cmd.OutOrStdout(), versionLine(build))
			return err
		},
	}
}

// versionLine says which phgen this is: "phgen v1.2.3 (commit 0123abc, modified)".
// A build that knows nothing of itself is "phgen (devel)".
func versionLine(build *debug.BuildInfo) string {
	revision, modified := "", ""
	if build != nil {
		for _, s := range build.Settings {
			switch {
			case s.Key == "vcs.revision":
				revision = s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				modified = ", modified"
			}
		}
	}
	var line strings.Builder
	line.WriteString("phgen " + buildVersion(build))
	if revision != "" {
		fmt.Fprintf(&line, " (commit %s%s)", revision, modified)
	}
	return line.String()
}

// buildVersion is the version of the module, "(devel)" where it is not known.
func buildVersion(build *debug.BuildInfo) string {
	if build == nil || build.Main.Version == "" {
		return "(devel)"
	}
	return build.Main.Version
}
